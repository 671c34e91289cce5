"""The page as one file: complete, and with nothing in it that others wrote being able to run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

from cherrypy_bot.viewer.export import MODULES, bundle, export_html, static_text
from tests.viewer.synthetic import HOSTILE


class Page(HTMLParser):
    """The scripts of a page, as a browser finds them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.outside: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "script":
            self.scripts.append((found, ""))
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found.get("content") or ""
        self.outside += [value for name, value in attrs if name in ("src", "href") and value and value != "data:,"]

    def handle_data(self, data: str) -> None:
        if self.scripts and not self.scripts[-1][1]:
            self.scripts[-1] = (self.scripts[-1][0], data)


def test_all_modules_of_the_page_are_in_the_bundle() -> None:
    there = {path.name for path in (files("cherrypy_bot.viewer") / "static").iterdir()}
    assert there == {*MODULES, "index.html", "style.css"}


def test_a_module_comes_after_those_that_it_imports() -> None:
    for index, name in enumerate(MODULES):
        imported = re.findall(r'from "\./([\w.]+)";', static_text(name))
        assert all(MODULES.index(other) < index for other in imported), name


def test_no_two_modules_declare_the_same_name() -> None:
    """In the bundle all modules share one scope."""
    declared = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", bundle(), re.MULTILINE)
    assert len(declared) > 30
    assert sorted(declared) == sorted(set(declared))
    assert not re.search(r"^(import|export)\b", bundle(), re.MULTILINE)


def test_the_page_takes_no_text_for_html() -> None:
    for name in MODULES:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", static_text(name)
        )


def test_the_file_needs_nothing_from_outside() -> None:
    page = Page(export_html({"a.cbtrace": b"data"}))
    assert page.outside == []
    assert not re.search(r"https?://", bundle() + static_text("style.css"))


def test_the_policy_lets_the_pages_own_script_run_and_no_other() -> None:
    page = Page(export_html({"a.cbtrace": b"data"}))
    script = next(text for attributes, text in page.scripts if attributes.get("type") == "module")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.policy
    assert "unsafe" not in page.policy


def test_the_traces_come_back_whole_whatever_they_are_called() -> None:
    data = bytes(range(256)) * 3
    page = Page(export_html({HOSTILE: data, "b.cbtrace": b""}))
    assert len(page.scripts) == 2, "a hostile name opens no script of its own"
    block = next(text for attributes, text in page.scripts if attributes.get("id") == "embedded")
    found = {file["name"]: base64.b64decode(file["data"]) for file in json.loads(block)["files"]}
    assert found == {HOSTILE: data, "b.cbtrace": b""}
