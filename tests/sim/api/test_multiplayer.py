"""Two clients, one game: lock-step, order of actions, leaving."""

import itertools
import time

from s2clientprotocol import common_pb2 as common
from s2clientprotocol import debug_pb2 as debug
from s2clientprotocol import raw_pb2 as raw
from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import GameServer, ParticipantSeat, create_game_request, match
from tests.sim.api.table import MAP, OPTIONS, Client, duel

MOVE, SCV = 16, 45


def step(client: Client, count: int) -> None:
    client.send(step=sc.RequestStep(count=count))


def test_the_game_advances_when_both_have_stepped():
    one, two = duel()
    step(one, 4)
    assert one.answers == []
    assert one.game.loop == 0
    step(two, 4)
    assert [c.answers.pop().step.simulation_loop for c in (one, two)] == [4, 4]


def test_step_sizes_may_differ():
    one, two = duel()
    step(one, 6)
    step(two, 4)
    assert two.answers.pop().step.simulation_loop == 4
    assert one.answers == []
    step(two, 4)
    assert one.answers.pop().step.simulation_loop == 6
    assert two.answers == []
    step(one, 2)
    assert two.answers.pop().step.simulation_loop == 8


def test_joining_waits_for_everybody_and_the_host_is_player_one():
    server = GameServer()
    host, guest = Client(server), Client(server)
    host.ask(create_game=create_game_request(MAP, [ParticipantSeat(), ParticipantSeat()], seed=2))
    guest.send(join_game=sc.RequestJoinGame(race=common.Protoss, options=OPTIONS))
    assert guest.answers == []
    host.send(join_game=sc.RequestJoinGame(race=common.Terran, options=OPTIONS))
    assert host.answers.pop().join_game.player_id == 1
    assert guest.answers.pop().join_game.player_id == 2


def test_actions_of_player_two_wait_for_the_step_of_player_one():
    one, two = duel()
    worker = two.mine(104)[0]
    two.send(action=sc.RequestAction(actions=[two.order(MOVE, [worker.tag], at=(60.0, 60.0))]))
    assert two.answers == []
    step(one, 2)
    assert two.answers.pop().action.result == [1]


def test_who_acts_for_both_before_stepping_for_either_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(match, "PATIENCE_SECONDS", 0.2)
    one, two = duel()
    workers = [[u.tag for u in c.mine(45, 104)] for c in (one, two)]
    move = sc.RequestAction(actions=[two.order(MOVE, workers[1], at=(60.0, 60.0))])
    one.act(one.order(MOVE, workers[0], at=(60.0, 60.0)))
    two.send(action=move)
    assert two.answers == []
    time.sleep(0.3)
    one.session.server.settle()  # transports look when a deadline has passed
    assert two.answers.pop().action.result == [1]
    step(one, 2)
    step(two, 2)
    two.answers.clear()
    two.send(action=move)
    assert two.answers == []
    one.act(one.order(MOVE, workers[0], at=(61.0, 60.0)))  # from now on this is enough, and still comes first
    assert two.answers.pop().action.result == [1]


def test_the_course_of_the_game_does_not_depend_on_who_is_quicker():
    def play(order: tuple[int, ...]) -> str:
        clients = duel(seed=9)
        workers = [[u.tag for u in c.mine(45, 104)] for c in clients]
        for round_ in range(12):
            turns = [
                [
                    lambda c=c, w=w, r=round_: c.send(
                        action=sc.RequestAction(
                            actions=[c.order(23, w[:8], at=(88.0, 80.0)), c.order(MOVE, w[8:], at=(60.0 + r, 70.0))]
                        )
                    ),
                    lambda c=c: step(c, 3),
                ]
                for c, w in zip(clients, workers, strict=True)
            ]
            for player in order:
                turns[player].pop(0)()
        return str(clients[0].game.state_hash())

    hashes = {play(order) for order in set(itertools.permutations((0, 0, 1, 1)))}
    assert len(hashes) == 1


def test_an_observation_is_the_state_before_the_actions_of_its_loop():
    one, two = duel()
    before = {u.tag: list(u.orders) for u in two.mine(104)}
    step(one, 1)
    two.send(action=sc.RequestAction(actions=[two.order(MOVE, list(before), at=(60.0, 60.0))]))
    assert {u.tag: list(u.orders) for u in two.mine(104)} == before
    step(two, 1)
    assert all(u.orders[0].ability_id == MOVE for u in two.mine(104))


def test_who_leaves_has_lost_and_the_other_is_told():
    one, two = duel()
    step(two, 4)
    assert one.ask(leave_game=sc.RequestLeaveGame()).status == sc.launched
    answer = two.answers.pop()
    assert answer.status == sc.ended
    results = {r.player_id: r.result for r in two.observe().player_result}
    assert results == {1: sc.Defeat, 2: sc.Victory}
    assert two.ask(leave_game=sc.RequestLeaveGame()).status == sc.launched
    assert one.session.server.match is None


def test_the_other_learns_of_the_leaving_when_it_steps():
    one, two = duel()
    one.ask(leave_game=sc.RequestLeaveGame())
    worker = two.mine(104)[0].tag
    assert two.act(two.order(MOVE, [worker], at=(60.0, 60.0))) == [1]
    assert two.step(4).status == sc.ended


def test_a_client_that_vanishes_has_lost():
    one, two = duel()
    step(one, 4)
    two.session.server.disconnect(two.session)
    assert one.answers.pop().status == sc.ended
    assert one.observe().player_result[0].result == sc.Victory


def test_requests_sent_ahead_are_answered_in_order():
    one, two = duel()
    step(one, 2)
    one.send(observation=sc.RequestObservation())
    step(one, 2)
    step(two, 2)
    kinds = [a.WhichOneof("response") for a in one.answers]
    assert kinds == ["step", "observation"]
    assert one.answers[1].observation.observation.game_loop == 2


def test_chat_reaches_both_but_team_chat_does_not():
    one, two = duel()
    say = [
        sc.Action(action_chat=sc.ActionChat(channel=channel, message=text))
        for channel, text in ((sc.ActionChat.Broadcast, "glhf"), (sc.ActionChat.Team, "secret"))
    ]
    one.act(*say)
    step(one, 1)
    step(two, 1)
    assert [c.message for c in one.observe().chat] == ["glhf", "secret"]
    assert [(c.player_id, c.message) for c in two.observe().chat] == [(1, "glhf")]
    assert not two.observe().chat


def test_players_see_their_own_side_only():
    one, two = duel()
    for client, race in ((one, common.Terran), (two, common.Zerg)):
        info = client.ask(game_info=sc.RequestGameInfo()).game_info
        me, other = info.player_info[:: 1 if client is one else -1]
        assert me.race_actual == race
        assert not other.HasField("race_actual")
        units = client.units()
        assert not [u for u in units if u.alliance == raw.Enemy]
        start = next(u for u in units if u.alliance == raw.Self and u.unit_type in (18, 86)).pos
        enemy = info.start_raw.start_locations[0]
        assert abs(start.x - enemy.x) + abs(start.y - enemy.y) > 20


def test_two_players_have_no_quick_saves():
    one, _ = duel()
    assert one.ask(quick_save=sc.RequestQuickSave()).error
    assert one.ask(restart_game=sc.RequestRestartGame()).error


def test_two_clients_share_one_clock_in_real_time():
    server = GameServer()
    one, two = Client(server), Client(server)
    request = create_game_request(MAP, [ParticipantSeat("one"), ParticipantSeat("two")], seed=5, realtime=True)
    one.ask(create_game=request)
    for client, race in ((one, common.Terran), (two, common.Zerg)):
        client.send(join_game=sc.RequestJoinGame(race=race, options=OPTIONS))
    match = server.match
    assert match is not None
    assert one.step(1).error
    waiting = two.send(observation=sc.RequestObservation(game_loop=20))[1:]
    worker = one.mine(45)[0].tag
    assert one.act(one.order(16, [worker], at=(60.0, 40.0))) == [1]
    assert not waiting
    match.tick(match._clock_start + 1.0)
    server.settle()
    assert two.answers[-1].observation.observation.game_loop == 22
    assert one.ask(leave_game=sc.RequestLeaveGame()).status == sc.launched
    results = {r.player_id: r.result for r in two.observe().player_result}
    assert results == {1: sc.Defeat, 2: sc.Victory}


def watched(observed: int) -> tuple[Client, Client, Client]:
    """Two clients that play and one that watches a player (0: both)."""
    server = GameServer()
    one, two, third = Client(server), Client(server), Client(server)
    request = create_game_request(MAP, [ParticipantSeat("one"), ParticipantSeat("two")], seed=5)
    request.player_setup.add(type=sc.Observer)
    assert not one.ask(create_game=request).create_game.HasField("error")
    one.send(join_game=sc.RequestJoinGame(race=common.Terran, options=OPTIONS))
    two.send(join_game=sc.RequestJoinGame(race=common.Zerg, options=OPTIONS))
    assert not one.answers, "the game waits for its observer"
    third.send(join_game=sc.RequestJoinGame(observed_player_id=observed, options=OPTIONS))
    assert [c.answers.pop().join_game.player_id for c in (one, two, third)] == [1, 2, 3]
    return one, two, third


def test_an_observer_sees_what_the_observed_player_sees():
    one, two, third = watched(2)
    for _ in range(3):
        for client in (one, two):
            client.send(step=sc.RequestStep(count=20))
        assert not one.answers, "the game goes on when the observer has stepped, too"
        third.send(step=sc.RequestStep(count=20))
        assert all(client.answers.pop().step.simulation_loop for client in (one, two, third))
    assert third.observe().observation == two.observe().observation
    assert third.observe().observation != one.observe().observation
    info = third.ask(game_info=sc.RequestGameInfo()).game_info
    assert [player.race_actual for player in info.player_info] == [common.Terran, common.Zerg]


def test_an_observer_of_nobody_sees_both_sides_and_touches_nothing():
    one, _, third = watched(0)
    units = third.units()
    assert {u.alliance for u in units} == {raw.Ally, raw.Neutral}
    assert {u.owner for u in units} >= {1, 2}
    worker = one.mine(SCV)[0].tag
    assert third.ask(action=sc.RequestAction(actions=[third.order(MOVE, [worker], at=(40, 40))])).error
    assert third.ask(debug=sc.RequestDebug(debug=[debug.DebugCommand(game_state=debug.minerals)])).error
    camera = sc.ActionObserverCameraMove(world_pos=common.Point2D(x=40, y=40))
    assert not third.ask(obs_action=sc.RequestObserverAction(actions=[sc.ObserverAction(camera_move=camera)])).error


def test_the_game_goes_on_without_an_observer_who_leaves_and_ends_for_one_who_stays():
    one, two, third = watched(1)
    third.ask(leave_game=sc.RequestLeaveGame())
    for client in (one, two):
        client.send(step=sc.RequestStep(count=8))
    assert [client.answers.pop().step.simulation_loop for client in (one, two)] == [8, 8]
    one, two, third = watched(1)
    two.ask(leave_game=sc.RequestLeaveGame())
    for client in (one, third):
        client.send(step=sc.RequestStep(count=8))
    results = third.observe().player_result
    assert [(r.player_id, r.result) for r in results] == [(1, sc.Victory), (2, sc.Defeat)]


def test_observers_need_a_place_of_their_own():
    one, _ = duel()
    late = Client(one.session.server)
    error = late.ask(join_game=sc.RequestJoinGame(observed_player_id=1, options=OPTIONS)).join_game
    assert error.error == sc.ResponseJoinGame.InvalidObservedPlayerId
    assert "player_setup" in error.error_details
