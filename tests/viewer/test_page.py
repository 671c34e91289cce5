"""The page in a real browser: what it shows is what the trace says.

Screenshots go to the folder that VIEWER_SCREENSHOTS names, else to a temporary one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cherrypy_bot.core import trace_format as tf
from cherrypy_bot.core.explain import why
from cherrypy_bot.core.trace import Trace, TraceWriter, read_trace
from cherrypy_bot.viewer.export import export_html
from tests.viewer.browser import chromium_path, served
from tests.viewer.synthetic import FIRST_TAG, HOSTILE, MARINES, write_bot_trace, write_crowd, write_noted_trace
from tests.viewer.test_results import write_results

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(
    chromium_path() is None, reason="no Chromium is installed (Debian: apt install chromium)"
)

WAIT_MS = 15_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("traces")
    write_bot_trace(found / "bot.cbtrace")
    write_crowd(found / "crowd.world.cbtrace", units=60, loops=800)
    return found


@pytest.fixture(scope="module")
def trace(folder: Path) -> Trace:
    return read_trace(folder / "bot.cbtrace")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright_api.sync_playwright() as playwright:
        # Root may start Chromium without its sandbox only, and that is what containers run as.
        found = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of 1280 x 720 that fails the test for any error on it."""
    found = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme="dark")
    problems: list[str] = []
    found.on("pageerror", lambda error: problems.append(str(error)))
    found.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    yield found
    found.close()
    assert problems == []


@pytest.fixture
def exported(folder: Path, tmp_path: Path, page: Any) -> Any:
    """The bot's match as one file, opened from disk."""
    file = tmp_path / "match.html"
    file.write_text(export_html({"bot.cbtrace": (folder / "bot.cbtrace").read_bytes()}), encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector(".map", timeout=WAIT_MS)
    return page


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    named = os.environ.get("VIEWER_SCREENSHOTS")
    found = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    found.mkdir(parents=True, exist_ok=True)
    return found


def seek(page: Any, loop: float) -> None:
    page.evaluate("loop => match.seek(loop)", loop)
    page.wait_for_timeout(120)


def facts(page: Any) -> dict[str, str]:
    """Names and values of what the panel lists."""
    names = page.locator(".panel-body dt").all_inner_texts()
    return dict(zip(names, page.locator(".panel-body dd").all_inner_texts(), strict=True))


def pixel_of(page: Any, tag: int) -> tuple[float, float]:
    """Where a unit is drawn, in pixels of the page."""
    place = page.evaluate(
        """tag => {
          const unit = match.world.numberOf.get(tag), at = match.world.at(match.loop);
          const box = match.map.canvas.getBoundingClientRect(), [x, y] = match.map.toPixel(at.x(unit), at.y(unit));
          return [box.left + x, box.top + y];
        }""",
        tag,
    )
    return place[0], place[1]


def test_a_file_opened_from_disk_shows_the_match(exported: Any, trace: Trace, shots: Path) -> None:
    assert "cherry_test" in exported.locator("h1").inner_text()
    assert "Flat" in exported.locator(".status-line").inner_text()
    assert exported.evaluate("match.lastLoop") == max(record["loop"] for record in trace.records)
    exported.screenshot(path=str(shots / "exported.png"))


def test_units_are_read_as_python_reads_them(exported: Any, trace: Trace) -> None:
    for loop in (0, 4, 120, 236, 240, 400, 120):
        seek(exported, loop)
        seen = trace.units_at(loop)
        expected = {tag: seen.columns[row].tolist() for row, tag in enumerate(seen.tags.tolist())}
        shown = exported.evaluate(
            """() => {
              const { columns, known } = match.world.at(match.loop), found = {};
              for (let unit = 0; unit < known; unit++)
                if (columns[9][unit] & 1) found[match.world.tags[unit]] = columns.map((values) => values[unit]);
              return found;
            }"""
        )
        assert {int(tag): values for tag, values in shown.items()} == expected, f"at loop {loop}"


def test_playing_moves_time_and_units_and_pause_stops(exported: Any) -> None:
    seek(exported, 0)
    before = pixel_of(exported, FIRST_TAG + 1)
    exported.keyboard.press("Space")
    exported.wait_for_timeout(900)
    exported.keyboard.press("Space")
    stopped = exported.evaluate("match.loop")
    assert stopped > 10
    assert pixel_of(exported, FIRST_TAG + 1)[0] > before[0]
    exported.wait_for_timeout(250)
    assert exported.evaluate("match.loop") == stopped


def test_space_after_a_click_on_play_pauses_once(exported: Any) -> None:
    seek(exported, 0)
    exported.locator(".play").click()
    assert exported.evaluate("match.playing") is True
    exported.keyboard.press("Space")
    exported.wait_for_timeout(100)
    assert exported.evaluate("match.playing") is False


def test_links_can_be_clicked_while_it_plays(exported: Any) -> None:
    seek(exported, 200)
    exported.keyboard.press("2")
    exported.evaluate("() => { match.setSpeed(0.5); match.play(true); }")
    exported.wait_for_timeout(300)
    link = exported.locator("tr[data-task] td.units a").first.bounding_box()
    exported.mouse.move(link["x"] + 5, link["y"] + 5)
    exported.mouse.down()
    exported.wait_for_timeout(600)
    exported.mouse.up()
    exported.wait_for_timeout(300)
    assert exported.evaluate("match.selected") in range(FIRST_TAG, FIRST_TAG + MARINES)
    assert exported.locator(".panel-body h2").inner_text() == "Marine"


def test_the_keyboard_seeks_and_changes_panels(exported: Any) -> None:
    seek(exported, 200)
    exported.keyboard.press("ArrowRight")
    assert exported.evaluate("match.loop") == pytest.approx(200 + 5 * 22.4)
    exported.keyboard.press("Home")
    assert exported.evaluate("match.loop") == 0
    exported.keyboard.press("End")
    assert exported.evaluate("match.loop") == exported.evaluate("match.lastLoop")
    exported.keyboard.press("4")
    assert exported.locator("[role=tab][aria-selected=true]").inner_text() == "Board"
    exported.keyboard.press("]")
    assert exported.evaluate("match.speed") == 4
    exported.keyboard.press("?")
    assert exported.locator("dialog.help").is_visible()


def test_a_click_on_a_unit_tells_its_story(exported: Any, trace: Trace, shots: Path) -> None:
    loop, tag = 200, FIRST_TAG + 5
    seek(exported, loop)
    exported.evaluate("() => { match.map.zoom(4); match.map._centre([24, 23]); match._redraw(); }")
    exported.wait_for_timeout(120)
    exported.mouse.click(*pixel_of(exported, tag))
    exported.wait_for_timeout(300)
    assert exported.locator(".panel-body h2").get_attribute("data-unit") == str(tag)
    seen = trace.units_at(loop)
    row = seen.tags.tolist().index(tag)
    shown = facts(exported)
    x, y = seen.column("x")[row] / tf.PER_CELL, seen.column("y")[row] / tf.PER_CELL
    assert shown["health"] == "40 / 45"
    assert shown["position"] == f"({x:.1f}, {y:.1f}) cells"
    story = why(trace, tag, loop)
    assert story.task is not None
    assert story.order is not None
    assert shown["task"] == f"{story.task['id']} squad"
    assert shown["status"] == "ongoing: on its way"
    assert shown["order"].startswith("ATTACK")
    assert shown["decided by"] == "squads: stutter step"
    chain = exported.locator(".chain li").all_inner_texts()
    assert len(chain) == len(story.chain) == 2
    for text, post in zip(chain, story.chain, strict=True):
        assert text.startswith(f"{post['by']} attack")
        assert f"#{post['id']}," in text
    exported.screenshot(path=str(shots / "unit.png"))


def test_the_board_shows_the_values_of_the_time(exported: Any, trace: Trace) -> None:
    exported.keyboard.press("4")
    for loop in (4, 8, 300):
        seek(exported, loop)
        exported.wait_for_timeout(250)
        expected = {}
        for record in trace.records:
            if record["loop"] <= loop:
                expected.update(record.get("board", {}))
        shown = {row.get_attribute("data-key"): row for row in exported.locator("tr[data-key]").all()}
        assert set(shown) == set(expected)
        if "viewer_test_motto" in expected:
            assert shown["viewer_test_motto"].locator("td").first.inner_text() == expected["viewer_test_motto"]
    exported.locator("input[type=search]").fill("motto")
    exported.wait_for_timeout(250)
    assert exported.locator("tr[data-key]").count() == 1


def test_changed_keys_are_marked_for_a_moment(exported: Any) -> None:
    exported.keyboard.press("4")
    seek(exported, 10)
    exported.wait_for_timeout(250)
    assert "changed" in (exported.locator("tr[data-key=viewer_test_motto]").get_attribute("class") or "")
    seek(exported, 200)
    exported.wait_for_timeout(250)
    assert "changed" not in (exported.locator("tr[data-key=viewer_test_motto]").get_attribute("class") or "")


def test_tasks_and_upcs_are_those_of_the_time(exported: Any, trace: Trace, shots: Path) -> None:
    loop = 250
    seek(exported, loop)
    exported.keyboard.press("2")
    exported.wait_for_timeout(250)
    running = {}
    for record in trace.records:
        for task in record.get("tasks", ()) if record["loop"] <= loop else ():
            running[task["id"]] = task
    expected = {str(key) for key, task in running.items() if task["status"] in ("waiting", "ongoing")}
    rows = exported.locator("tr[data-task]:not(.ended)").all()
    assert {row.get_attribute("data-task") for row in rows} == expected
    assert f"{MARINES - 1} Marine" in rows[0].inner_text(), "the dead one has left its task"
    exported.keyboard.press("3")
    seek(exported, 248)
    exported.wait_for_timeout(250)
    step = next(record for record in trace.records if record["loop"] == 248)
    shown = exported.locator(".tree .upc").all_inner_texts()
    assert len(shown) == len(step["posts"]) == 2
    assert all(f"#{post['id']} " in text for post, text in zip(step["posts"], shown, strict=True))
    assert "→ squads" in shown[0]
    exported.screenshot(path=str(shots / "upcs.png"))


def test_times_and_odds_have_labelled_axes_and_the_numbers_of_the_trace(
    exported: Any, trace: Trace, shots: Path
) -> None:
    seek(exported, 200)
    exported.keyboard.press("5")
    exported.wait_for_timeout(300)
    ms = next(record["ms"] for record in trace.records if record["loop"] == 200)
    for module, value in ms.items():
        assert exported.locator(f"tr[data-module={module}] td.number").first.inner_text() == f"{value:.2f}"
    exported.screenshot(path=str(shots / "times.png"))
    exported.keyboard.press("6")
    exported.wait_for_timeout(300)
    assert exported.locator(".panel-body canvas").count() == 2
    values = next(record["selector"] for record in trace.records if record["loop"] == 200)
    shown = {row.get_attribute("data-build"): row.inner_text() for row in exported.locator(".legend li").all()}
    assert shown == {name: f"{name} {round(100 * value)} %" for name, value in values.items()}
    rows = [row.inner_text().split("\t") for row in exported.locator(".panel-body tbody tr").all()]
    predicted = [record["loop"] for record in trace.records if "predicted" in record]
    assert [row[1] for row in rows] == ["80 %"] * len(predicted)
    assert rows[-1][2:] == ["50", "75"], "a marine against three zerglings"
    exported.screenshot(path=str(shots / "odds.png"))


def test_values_in_notes_and_switches_with_their_reasons(page: Any, tmp_path: Path) -> None:
    """Strategy notes what the selector gave every five seconds; switches are on the board, reasons in notes."""
    path = tmp_path / "noted.cbtrace"
    write_noted_trace(path)
    file = tmp_path / "noted.html"
    file.write_text(export_html({"noted.cbtrace": path.read_bytes()}), encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector(".map", timeout=WAIT_MS)
    page.keyboard.press("6")
    seek(page, 500)
    page.wait_for_timeout(250)
    shown = {row.get_attribute("data-build"): row.inner_text() for row in page.locator(".legend li").all()}
    assert shown == {"three_rax": "three_rax 30 % ± 5", "reaper_expand": "reaper_expand 70 %"}
    assert page.locator(".choice").inner_text() == "0:20 selector abstains: it is unsure"
    assert page.locator(".legend li.played").all_inner_texts() == ["reaper_expand 70 %"]
    switches = page.locator(".switches li").all_inner_texts()
    assert switches == [
        "0:00 three_rax selector: the model",
        "0:15 reaper_expand selector: wins 0.70 instead of 0.30",
    ]
    marks = [mark for mark in page.evaluate("match.timeline.marks") if mark["kind"] == "build"]
    assert [mark["loop"] for mark in marks] == [0, 336]
    page.keyboard.press("7")
    page.wait_for_timeout(250)
    assert "spread" not in page.locator(".panel-body").inner_text(), "values are drawn, not listed"


def test_what_others_wrote_is_shown_and_never_run(exported: Any) -> None:
    seek(exported, 400)
    exported.keyboard.press("7")
    exported.wait_for_timeout(300)
    assert f"chat: {HOSTILE}" in exported.locator(".panel-body").inner_text()
    assert HOSTILE in exported.locator("h1").inner_text()
    assert "a fault to be shown" in exported.locator(".panel-body").inner_text()
    assert exported.locator("img, script[src]").count() == 0
    assert exported.evaluate("window.hacked") is None


def test_markers_lead_to_what_happened(exported: Any) -> None:
    kinds = {mark["kind"]: mark for mark in exported.evaluate("match.timeline.marks")}
    assert kinds["fault"]["loop"] == 300
    seek(exported, 290)
    exported.keyboard.press("n")
    assert exported.evaluate("match.loop") == 300


def test_light_and_dark_both_draw(exported: Any, shots: Path) -> None:
    exported.keyboard.press("t")
    exported.wait_for_timeout(200)
    assert exported.evaluate("document.documentElement.dataset.theme") == "light"
    exported.screenshot(path=str(shots / "light.png"))
    exported.keyboard.press("t")
    assert exported.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_page_fits_its_window(exported: Any) -> None:
    assert exported.evaluate("document.documentElement.scrollWidth") <= 1280
    assert exported.evaluate("document.documentElement.scrollHeight") <= 720
    exported.set_viewport_size({"width": 1024, "height": 600})
    exported.wait_for_timeout(150)
    assert exported.evaluate("document.documentElement.scrollWidth") <= 1024


def test_the_list_leads_to_a_match(page: Any, folder: Path, shots: Path) -> None:
    with served(folder) as url:
        page.goto(url)
        page.wait_for_selector("table.matches tbody tr", timeout=WAIT_MS)
        page.screenshot(path=str(shots / "matches.png"))
        assert page.locator("table.matches tbody tr").count() == 2
        page.get_by_text("many v more").click()
        page.wait_for_selector(".map", timeout=WAIT_MS)
        page.wait_for_timeout(300)
        assert page.evaluate("match.world.at(0).known") == 60
        assert page.evaluate("match.openedMs") < 2000
        page.screenshot(path=str(shots / "crowd.png"))


def test_the_list_shows_openings_arenas_reports_and_training(page: Any, tmp_path: Path, shots: Path) -> None:
    write_results(tmp_path)
    with served(tmp_path) as url:
        page.goto(url)
        page.wait_for_selector("table.scalars tbody tr", timeout=WAIT_MS)
        text = page.locator(".page").inner_text()
        assert "Build orders against opponents" in text
        assert "strong: three_rax" in text
        assert "Build orders against bots" in text
        assert f"tensorboard --logdir {tmp_path.resolve() / 'runs' / 'first'}" in text
        assert page.locator("table.scalars td").all_inner_texts() == ["loss", "3", "0.25"]
        page.screenshot(path=str(shots / "list.png"), full_page=True)
        assert page.get_by_text("trace", exact=True).count() >= 2
        page.get_by_text("report", exact=True).first.click()
        page.wait_for_selector("h2", timeout=WAIT_MS)
        assert "What decided the game" in page.locator("body").inner_text()
        colours = page.evaluate("getComputedStyle(document.querySelector('.card')).borderTopWidth")
        assert colours != "0px", "the report's own style is let in"


def test_a_match_is_watched_while_it_is_played(page: Any, tmp_path: Path, folder: Path, shots: Path) -> None:
    """The bytes of a trace come one frame after the other, as a match writes them."""
    whole = (folder / "crowd.world.cbtrace").read_bytes()
    ends = [frame.end for frame in tf.frames(whole)]
    if len(ends) < 4:
        pytest.fail(f"the trace has only {len(ends)} frames to be watched one after the other")
    growing = tmp_path / "live.world.cbtrace"
    growing.write_bytes(whole[: ends[0]])
    with served(tmp_path) as url:
        page.goto(f"{url}match?name=live")
        page.wait_for_timeout(400)
        seen = [0]
        for end in ends[1:]:
            # Half a frame more: a page must wait for the rest of it.
            growing.write_bytes(whole[: end + 40])
            page.wait_for_selector(".map", timeout=WAIT_MS)
            page.wait_for_timeout(700)
            seen.append(page.evaluate("match.lastLoop"))
        assert seen == sorted(seen)
        assert len(set(seen)) > 3, "the page went on as the trace grew"
        assert page.evaluate("match.live") is False
        assert "Victory" in page.locator(".status-line").inner_text()
        assert page.evaluate("match.loop") > 0, "it follows the match"
        page.screenshot(path=str(shots / "live.png"))


def test_a_match_that_has_not_begun_is_waited_for_until_its_end(page: Any, tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "z.world.cbtrace", {"bot": "world"})
    with served(tmp_path) as url:
        page.goto(f"{url}match?name=z")
        page.wait_for_timeout(600)
        assert "Waiting for the first loop" in page.locator("#root").inner_text()
        writer.close()
        deadline = time.monotonic() + 10
        while "no map" not in page.locator("#root").inner_text() and time.monotonic() < deadline:
            page.wait_for_timeout(200)
        assert "no map" in page.locator("#root").inner_text()


def test_a_damaged_trace_shows_what_is_whole_and_says_so(page: Any, tmp_path: Path, folder: Path) -> None:
    data = bytearray((folder / "bot.cbtrace").read_bytes())
    last = [frame.end for frame in tf.frames(bytes(data))][-2]
    data[last + 30] ^= 0x55
    file = tmp_path / "broken.html"
    file.write_text(export_html({"bot.cbtrace": bytes(data)}), encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_timeout(1500)
    assert "damaged" in page.locator("#root").inner_text()
