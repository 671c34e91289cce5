"""Which request goes where, and in which statuses it is allowed (the table in sc2api.proto)."""

from __future__ import annotations

from s2clientprotocol import sc2api_pb2 as sc

from cherrypy_bot.sim.api import actions, debug, game_info, lifecycle, observation, queries, watching
from cherrypy_bot.sim.api.errors import GAME_ENDED
from cherrypy_bot.sim.api.session import Route

_ANY = frozenset({sc.launched, sc.init_game, sc.in_game, sc.in_replay, sc.ended})
_START = frozenset({sc.launched, sc.init_game, sc.ended})
_PLAY = frozenset({sc.in_game})
_STEP = frozenset({sc.in_game, sc.in_replay})
_LOOK = frozenset({sc.in_game, sc.in_replay, sc.ended})
_AFTER = frozenset({sc.in_game, sc.ended})
_JOINED = frozenset({sc.init_game, sc.in_game, sc.in_replay, sc.ended})

ROUTES: dict[str, Route] = {
    "create_game": Route(lifecycle.create_game, _START),
    "join_game": Route(lifecycle.join_game, frozenset({sc.launched, sc.init_game})),
    "restart_game": Route(lifecycle.restart_game, _AFTER),
    "start_replay": Route(watching.start_replay, _START),
    "leave_game": Route(lifecycle.leave_game, _JOINED),
    "quick_save": Route(lifecycle.quick_save, _PLAY),
    "quick_load": Route(lifecycle.quick_load, _AFTER),
    "quit": Route(lifecycle.quit_game, _ANY),
    "game_info": Route(game_info.game_info, _LOOK),
    "observation": Route(observation.observation, _LOOK),
    "action": Route(actions.action, _PLAY),
    "obs_action": Route(watching.obs_action, _STEP),
    "step": Route(lifecycle.step, _STEP, GAME_ENDED),
    "data": Route(game_info.data, _LOOK),
    "query": Route(queries.answer, _LOOK),
    "save_replay": Route(lifecycle.save_replay, _LOOK),
    "map_command": Route(lifecycle.map_command, _PLAY),
    "replay_info": Route(watching.replay_info, _ANY),
    "available_maps": Route(lifecycle.available_maps, _ANY),
    "save_map": Route(lifecycle.save_map, _ANY),
    "ping": Route(lifecycle.ping, _ANY),
    "debug": Route(debug.debug, _PLAY),
}
