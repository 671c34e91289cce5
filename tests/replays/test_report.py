"""The report: one page without scripts, with what happened in words, and nothing of the file taken for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cherrypy_bot.core.trace_read import Trace
from replays.errors import ReplayError
from replays.names import counted, display_name
from replays.reader import parse_replay
from replays.report import render, write_report
from replays.report.decisions import decisions_of
from replays.words import moments, place_of
from tests.reference import needs_reference
from tests.replays.real import GOOD, read
from tests.replays.synthetic import LENGTH, Game

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Structure(HTMLParser):
    """Collects elements, attributes and text, and checks that every element is closed in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def structure(page: str) -> Structure:
    parser = Structure()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def battle() -> Game:
    game = Game("Terran", "Protoss", names=["Ann", "Ben"])
    for loop in range(160, 8000, 160):
        for player in (1, 2):
            game.stats(player, loop, minerals=100, supply_used_4096=20 * 4096, supply_made_4096=30 * 4096)
    nexus = game.place(2, "Nexus", 1800, done=3400, at=(100, 110))
    for number in range(12):
        game.kill(game.born(1, "Marine", 3000, ability="BarracksTrain"), 4000 + number, by=2, at=(100, 105))
    game.kill(game.place(2, "Zealot", 3000, done=3080), 4005, by=1, at=(101, 106))
    game.kill(nexus, 6000, by=1, at=(100, 110))
    return game


def test_words_say_who_lost_what_for_what_and_where() -> None:
    told = moments(parse_replay(battle().replay()))
    texts = {moment.loop: moment.text for moment in told}
    assert texts[4000] == "Ann loses 600 for 100 at Ben's base 2: 12 Marines against 1 Zealot."
    assert texts[6000] == "Ben's base 2 (Nexus) falls; 1 left."
    assert texts[1800] == "Ben begins base 2; Ann never does."
    assert told[-1].text.startswith("Ann wins")
    assert [moment.loop for moment in told] == sorted(moment.loop for moment in told)


def test_a_fight_far_from_bases_is_in_the_field() -> None:
    game = Game("Terran", "Protoss")
    for _ in range(6):
        game.kill(game.born(1, "Marine", 500, ability="BarracksTrain"), 2000, by=2, at=(75, 20))
    replay = parse_replay(game.replay())
    assert place_of(replay.engagements[0], replay) == "the field at (75, 20)"


def test_names_are_as_players_say_them() -> None:
    assert display_name("SupplyDepot") == "Supply Depot"
    assert display_name("zerglingmovementspeed") == "Metabolic Boost"
    assert display_name("TerranInfantryWeaponsLevel1") == "Terran Infantry Weapons Level 1"
    assert [counted(2, name) for name in ("Marine", "Colossus", "HighTemplar", "Phoenix", "ShieldBattery")] == [
        "2 Marines", "2 Colossi", "2 High Templar", "2 Phoenixes", "2 Shield Batteries",
    ]  # fmt: skip


def test_the_page_is_whole_and_runs_nothing() -> None:
    page = render(parse_replay(battle().replay()))
    found = structure(page)
    tags = {tag for tag, _ in found.elements}
    assert {"svg", "table", "h1", "figure"} <= tags
    assert not tags & {"script", "iframe", "object", "embed", "link", "img", "form"}
    for tag, attributes in found.elements:
        assert not any(name.startswith("on") or name in ("src", "href", "xlink:href") for name in attributes), tag
    assert "url(" not in page
    assert "http" not in page.replace("http-equiv", "")
    text = " ".join(found.text)
    assert "Ann loses 600 for 100" in text
    assert sum(tag == "figure" for tag, _ in found.elements) == 6


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "&lt;svg onload=x&gt;", "{{7*7}}"],
)
def test_hostile_names_stay_text(name: str) -> None:
    game = battle()
    game.names = [name, "Ben"]
    game.map_name = name
    index = game.place(1, name, 700, done=900)
    game.kill(index, 4003, by=2, at=(100, 105))
    game.upgrade(1, name, 5000)
    page = render(parse_replay(game.replay()))
    found = structure(page)
    tags = {tag for tag, _ in found.elements}
    assert not tags & {"script", "img", "b"}
    assert all(not key.startswith("on") for _, attributes in found.elements for key in attributes)


def test_charts_name_their_units_and_times() -> None:
    page = render(parse_replay(battle().replay()))
    assert page.count("game time, minutes") == 6
    for unit in ("minerals + gas a minute", "workers alive", "minerals + gas in the bank", "supply used"):
        assert unit in page


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReplayError, match="cannot be written"):
        write_report(parse_replay(battle().replay()), tmp_path / "file" / "report.html")


def test_a_game_from_the_cache_has_a_page_too() -> None:
    from replays.serial import dump, load

    structure(render(load(dump(parse_replay(battle().replay())))))


@needs_reference
@pytest.mark.parametrize("entry", GOOD, ids=lambda entry: entry["file"])
def test_pages_of_real_games(entry: dict[str, str]) -> None:
    replay = read(entry["file"])
    page = render(replay)
    text = " ".join(structure(page).text)
    for player in replay.players:
        assert player.name in text
    assert f"{replay.winner.name if replay.winner else ''} wins" in text
    assert "nan" not in re.sub(r"<style>.*?</style>", "", page.lower())
    assert len(page) < 600_000


def thinking(**more: Any) -> Trace:
    """A trace of a bot that chose, switched with a reason, and predicted a fight."""
    records: list[dict[str, Any]] = [
        {"loop": 0, "board": {"build": "two_base_macro"}, "selector": {"two_base_macro": 0.5, "cannon_rush": 0.4}},
        {"loop": 2000, "selector": {"two_base_macro": 0.3, "cannon_rush": 0.6}},
        {
            "loop": 2016,
            "board": {"build": "cannon_rush"},
            "notes": [["strategy", {"switch": "<b>now</b>", "why": "it wins 60 of 100"}]],
        },
        {"loop": 3000, "notes": [["tactics", {"main": "attack", "why": "strong enough"}]]},
        {"loop": 3016, "notes": [["tactics", {"main": "attack", "why": "on the way"}]]},
        {"loop": 3100, "predicted": [["tactics", {"x": 1.0, "win": 0.75}]], "notes": ["odd", {"loop": 1}]},
        {"loop": LENGTH},
    ]
    return Trace(header={"bot": "cherry", "map": "Test LE", **more}, records=records)


def test_a_trace_adds_what_the_bot_decided_and_why() -> None:
    replay = parse_replay(battle().replay())
    found = decisions_of(thinking(), replay)
    assert [(change.loop, change.module, change.why) for change in found.changes] == [
        (0, "build order", "opening"),
        (2016, "build order", "it wins 60 of 100"),
        (2016, "strategy", "it wins 60 of 100"),
        (3000, "tactics", "strong enough"),
    ]
    assert found.selector["cannon_rush"] == [(0, 0.4), (2000, 0.6)]
    assert found.predicted == [(3100, 0.75)]
    page = structure(render(replay, [found]))
    text = " ".join(page.text)
    assert "What cherry decided" in text
    assert "cannon rush" in text
    assert "switch <b>now</b>" in text, "a text of the trace is text, not markup"


def test_values_that_strategy_notes_are_the_selectors_with_every_switch_marked() -> None:
    replay = parse_replay(battle().replay())
    trace = thinking()
    for record in trace.records:
        if "selector" in record:
            values = record.pop("selector")
            choice = {"policy": "bandit", "build": "", "decided": None, "values": values, "why": "3 earlier matches"}
            record.setdefault("notes", []).append(["strategy", {"selector": choice}])
    # Decided before the first step, so in a record of its own, as strategy does it.
    trace.records.insert(0, {"loop": 0, "notes": trace.records[0].pop("notes")})
    trace.records[3]["notes"].insert(0, ["strategy", {"stance": "hold", "why": "nothing is known"}])
    found = decisions_of(trace, replay)
    assert found.selector["cannon_rush"] == [(0, 0.4), (2000, 0.6)]
    assert not any("selector" in change.what for change in found.changes), "values are drawn, not listed"
    [switch] = [change for change in found.changes if change.module == "build order" and change.loop > 0]
    assert switch.why == "it wins 60 of 100", "the reason is the one about build orders"
    assert found.changes[0].why == "bandit: 3 earlier matches"
    page = render(replay, [found])
    assert page.count('<g class="mark">') == 1 + render(replay).count('<g class="mark">')
    assert "1:30 cannon rush: it wins 60 of 100" in page
    assert "the changes of build order" in page


@pytest.mark.parametrize(
    ("notes", "why"),
    [
        ([{"selector": {"policy": "p", "build": "a", "decided": "cannon_rush", "why": "chance"}}], "p: chance"),
        ([{"selector": {"build": "a", "why": "stay"}}, {"build": "a", "changes": ["x"]}], "reaction of a: x"),
        ([{"stance": "hold", "why": "because"}], ""),
        ([{"selector": "odd"}, {"changes": 3}, {"build": 1, "why": ["list"]}], "list"),
    ],
)  # fmt: skip
def test_the_reason_of_a_switch_is_its_own(notes: list[dict[str, Any]], why: str) -> None:
    trace = thinking()
    trace.records[2]["notes"] = [["strategy", facts] for facts in notes]
    found = decisions_of(trace, parse_replay(battle().replay()))
    assert [change.why for change in found.changes if change.module == "build order"] == ["opening", why]


def test_a_trace_without_selector_says_so() -> None:
    replay = parse_replay(battle().replay())
    trace = thinking()
    for record in trace.records:
        record.pop("selector", None)
    assert "without a selector" in render(replay, [decisions_of(trace, replay)])


@pytest.mark.parametrize(("header", "says"), [({"map": "Other LE"}, "another match"), ({"bot": "world"}, "spectator")])
def test_a_trace_of_something_else_is_refused(header: dict[str, str], says: str) -> None:
    with pytest.raises(ReplayError, match=says):
        decisions_of(thinking(**header), parse_replay(battle().replay()))
