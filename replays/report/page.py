"""Puts the page together: header, words, charts, map, builds, engagements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Final

from numpy.typing import NDArray

from replays.builds import joined
from replays.model import (
    LOOPS_PER_MINUTE,
    Engagement,
    PlayerData,
    ReplayData,
    clock,
)
from replays.names import display_name, opening_title
from replays.report import charts, decisions, minimap
from replays.report.decisions import Decisions
from replays.report.style import CSS
from replays.words import Moment, moments, place_of, units_text

BUILD_MINUTES: Final = 8


def render(replay: ReplayData, thoughts: Sequence[Decisions] = ()) -> str:
    """The whole page as HTML; `thoughts`: what bots decided in this match, from their traces."""
    told = moments(replay)
    fights = [moment for moment in told if moment.fight is not None]
    numbers = {moment.fight: number for number, moment in enumerate(fights, start=1) if moment.fight is not None}
    first, second = replay.players
    title = escape(f"{first.name} v {second.name} on {replay.map_name}")
    sections = (
        _header(replay),
        f'<h2>What decided the game</h2><div class="card">{_moments(told, numbers, replay)}</div>',
        f"<h2>The game in numbers</h2>{_charts(replay, told, numbers)}",
        *(decisions.render(one, replay) for one in thoughts),
        f"<h2>The map</h2>{_map(replay, numbers)}",
        f'<h2>Build orders to {BUILD_MINUTES}:00</h2><div class="two">{_builds(replay)}</div>',
        f"<h2>Engagements</h2>{_engagements(replay, numbers)}",
        _footer(replay),
    )
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{CSS}</style></head><body><main>{''.join(sections)}</main></body></html>\n"
    )


def _header(replay: ReplayData) -> str:
    first, second = replay.players
    winner = replay.winner
    ending = f"{winner.name} wins" if winner is not None else "no winner in the file"
    when = f", played {replay.played_at:%d %B %Y}" if replay.played_at is not None else ""
    cards = "".join(_player_card(player, f"p{number}") for number, player in enumerate(replay.players))
    return (
        f'<h1><span class="p0"><span class="name">{escape(first.name)}</span></span> v '
        f'<span class="p1"><span class="name">{escape(second.name)}</span></span></h1>'
        f'<p class="meta">{replay.match_up} on {escape(replay.map_name)}: {escape(ending)} after '
        f"{clock(replay.length)} (version {escape(replay.version)}{when})</p>"
        f'<div class="two">{cards}</div>'
    )


def _player_card(player: PlayerData, kind: str) -> str:
    economy = player.economy
    lost = sum(base.lost is not None for base in player.bases)
    blocks = len(economy.supply_blocks)
    facts: list[tuple[str, str]] = [
        ("opening", opening_title(player.opening)),
        ("mean income", f"{economy.mean_income:,.0f} a minute"),
        ("mean unspent", f"{economy.mean_unspent:,.0f}"),
        ("spending quotient", "too short" if economy.spending_quotient is None else f"{economy.spending_quotient:.0f}"),
        ("workers made, lost", f"{economy.workers_made}, {economy.workers_lost}"),
        ("supply blocked", f"{economy.blocked_seconds:.0f} s ({blocks} times)" if blocks else "never"),
        ("bases", f"{len(player.bases)}" + (f", {lost} lost" if lost else "")),
        ("value lost", f"{int(player.stats.lost_value[-1]):,}"),
    ]
    if player.apm is not None:
        facts.append(("actions a minute", f"{player.apm:.0f}"))
    if player.mmr is not None:
        facts.append(("rating (MMR)", f"{player.mmr}"))
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    clan = f"&lt;{escape(player.clan)}&gt; " if player.clan else ""
    return (
        f'<section class="card player {kind}">'
        f'<span class="badge {escape(player.result)}">{escape(player.result)}</span>'
        f'<h3>{clan}<span class="name">{escape(player.name)}</span> <span class="race">{player.race}</span></h3>'
        f'<dl class="facts">{rows}</dl></section>'
    )


def _moments(told: list[Moment], numbers: dict[int, int], replay: ReplayData) -> str:
    kinds = {player.player_id: f"p{number}" for number, player in enumerate(replay.players)}
    rows = []
    for moment in told:
        kind = kinds.get(moment.good_for, "") if moment.good_for is not None else ""
        number = numbers.get(moment.fight) if moment.fight is not None else None
        badge = f'<span class="number">{number}</span>' if number is not None else ""
        rows.append(
            f'<li class="{kind}"><span>{badge}</span><span class="time">{clock(moment.loop)}</span>'
            f"<span>{escape(moment.text)}</span></li>"
        )
    note = "The bar at the left has the colour of whom it was good for; numbers are those on the charts and the map."
    return f'<ol class="moments">{"".join(rows)}</ol><p class="note">{note}</p>'


def _charts(replay: ReplayData, told: list[Moment], numbers: dict[int, int]) -> str:
    marks = tuple(
        charts.Mark(moment.loop, str(numbers[moment.fight]), f"{clock(moment.loop)} {moment.text}")
        for moment in told
        if moment.fight is not None
    )

    def lines(values: Callable[[PlayerData], NDArray[object]]) -> tuple[charts.Series, ...]:  # type: ignore[type-var]
        return tuple(_series(player, f"p{number}", values(player)) for number, player in enumerate(replay.players))

    shades = tuple(
        charts.Shade(f"p{number}", block, f"{player.name} is supply blocked", number)
        for number, player in enumerate(replay.players)
        for block in player.economy.supply_blocks
    )
    caps = tuple(
        _series(player, f"p{number} cap", player.stats.supply_cap, steps=True)
        for number, player in enumerate(replay.players)
    )
    length = replay.length
    drawn = (
        charts.Chart("Income", "minerals + gas a minute", lines(lambda p: p.stats.income), length, marks=marks),
        charts.Chart("Workers", "workers alive", lines(lambda p: p.stats.column("workers")), length, marks=marks),
        charts.Chart("Army", "minerals + gas alive", lines(lambda p: p.stats.army_value), length, marks=marks),
        charts.Chart("Lost so far", "minerals + gas", lines(lambda p: p.stats.lost_value), length, marks=marks),
        charts.Chart(
            "Supply",
            "supply used",
            (*caps, *lines(lambda p: p.stats.supply_used)),
            length,
            shades=shades,
            note="Shaded: supply blocked (upper half the first player, lower half the second). Dashed: supply cap.",
        ),
        charts.Chart("Unspent", "minerals + gas in the bank", lines(lambda p: p.stats.unspent), length, marks=marks),
    )
    names = "".join(
        f'<span class="p{number}"><i></i> {escape(player.name)}</span>' for number, player in enumerate(replay.players)
    )
    legend = f'<div class="legend">{names}<span>dotted lines with numbers: the fights told above</span></div>'
    return f'{legend}<div class="charts">{"".join(charts.draw(chart) for chart in drawn)}</div>'


def _series(player: PlayerData, kind: str, values: NDArray[object], *, steps: bool = False) -> charts.Series:  # type: ignore[type-var]
    numbers = [float(value) for value in values.tolist()]  # type: ignore[attr-defined]
    return charts.Series(kind, player.name, player.stats.loops.tolist(), numbers, steps)


def _map(replay: ReplayData, numbers: dict[int, int]) -> str:
    rows = []
    for number, player in enumerate(replay.players):
        for index, base in enumerate(player.bases, start=1):
            lost = f'<span class="bad">{clock(base.lost)}</span>' if base.lost is not None else ""
            done = clock(base.finished) if base.finished is not None else "never"
            rows.append(
                f'<tr class="p{number}"><td class="name">{escape(player.name)}</td><td class="n">{index}</td>'
                f'<td>{escape(display_name(base.name))}</td><td class="n">{clock(base.started)}</td>'
                f'<td class="n">{"start" if base.starting else done}</td><td class="n">{lost}</td></tr>'
            )
    table = (
        '<div class="scroll"><table><thead><tr><th>player</th><th class="n">base</th><th>town hall</th>'
        '<th class="n">begun</th><th class="n">done</th><th class="n">lost</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
    note = (
        "Squares: bases by number where they were built, hollow where lost. Circles: engagements, larger for more "
        "value lost, in the colour of who lost less. Haze: where units were, as the game reports those that fought "
        "every 15 seconds. Light blue and green: mineral fields and geysers. A replay holds no terrain."
    )
    return (
        f'<div class="with-map"><div>{minimap.draw(replay, numbers)}<p class="note">{note}</p></div>'
        f'<div class="card">{table}</div></div>'
    )


def _builds(replay: ReplayData) -> str:
    return "".join(_build(player, f"p{number}") for number, player in enumerate(replay.players))


def _build(player: PlayerData, kind: str) -> str:
    until = BUILD_MINUTES * LOOPS_PER_MINUTE
    shown = [item for item in player.build if item.start < until and item.kind != "worker"]
    rows = []
    for item, count in joined(shown):
        about = "~" if item.start_source == "estimate" else ""
        times = f" &times;{count}" if count > 1 else ""
        state = f' <span class="tag">{item.status}</span>' if item.status != "done" else ""
        rows.append(
            f'<tr class="{item.status}"><td class="n">{about}{clock(item.start)}</td>'
            f'<td class="n">{item.supply:.0f}/{item.supply_cap:.0f}</td>'
            f'<td><span class="what">{escape(display_name(item.name))}</span>{times}{state}</td></tr>'
        )
    return (
        f'<section class="card player {kind}"><h3><span class="name">{escape(player.name)}</span> '
        f'<span class="race">{escape(opening_title(player.opening))}</span></h3>'
        '<div class="scroll"><table><thead><tr><th class="n">time</th><th class="n">supply</th>'
        "<th>begun</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _engagements(replay: ReplayData, numbers: dict[int, int]) -> str:
    if not replay.engagements:
        return '<p class="note">Nothing of value was lost.</p>'
    heads = "".join(f'<th>{escape(player.name)} loses</th><th class="n">value</th>' for player in replay.players)
    rows = "".join(_engagement(replay, fight, numbers.get(index)) for index, fight in enumerate(replay.engagements))
    return (
        '<div class="card scroll"><table><thead><tr><th></th><th class="n">time</th><th>place</th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _engagement(replay: ReplayData, fight: Engagement, number: int | None) -> str:
    badge = f'<span class="number">{number}</span>' if number is not None else ""
    cells = []
    most = max(side.value for side in fight.losses.values())
    for player in replay.players:
        losses = fight.losses[player.player_id]
        worse = " bad" if losses.value == most and fight.value > most else ""
        cells.append(f'<td>{escape(units_text(losses))}</td><td class="n{worse}">{losses.value:,}</td>')
    until = f" - {clock(fight.end)}" if clock(fight.end) != clock(fight.start) else ""
    return (
        f'<tr><td>{badge}</td><td class="n">{clock(fight.start)}{until}</td><td>{escape(place_of(fight, replay))}</td>'
        f"{''.join(cells)}</tr>"
    )


def _footer(replay: ReplayData) -> str:
    return (
        "<footer>Times are the game's clock at the speed matches are played at. ~ marks starts that are estimated "
        "from when a thing was done (early where chrono boost was used). Values are minerals and gas together. Supply "
        "is counted on from the game's own samples, which come every seven seconds. The spending quotient is "
        "35 (0.00137 income - ln unspent) + 240 with income per 960 loops. An engagement is a run of deaths "
        "close together in time and space."
        f"<br>Replay {escape(replay.sha256)}</footer>"
    )
