"""The page and a match's traces as one HTML file that needs nothing else: no server, no network.

The modules of the page become one inline script, the only one that the file's content security policy lets run (it
names the script's SHA-256). The traces lie in a data block as base64, which no browser executes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from cherrypy_bot.viewer.errors import ViewError

MODULES: Final = (
    "dom.js",
    "format.js",
    "charts.js",
    "world.js",
    "mind.js",
    "terrain.js",
    "map.js",
    "timeline.js",
    "panels.js",
    "match.js",
    "matches.js",
    "app.js",
)
"""The page's modules, each after those that it imports."""

STYLE: Final = "style.css"
_IMPORT = re.compile(r"^import\s[^;]*?;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\b)", re.MULTILINE)


def static_text(name: str) -> str:
    """A file of the page."""
    return (files("cherrypy_bot.viewer") / "static" / name).read_text(encoding="utf-8")


def bundle() -> str:
    """All modules of the page as one."""
    parts = [f"// {name}\n{_EXPORT.sub('', _IMPORT.sub('', static_text(name)))}" for name in MODULES]
    script = "\n".join(parts)
    # What HTML would take for the end of the script must not stand in it.
    if "</script" in script.lower() or "<!--" in script:
        raise ViewError("a module of the page contains what ends a script in HTML; write it in two pieces")
    return script


def export_html(traces: Mapping[str, bytes]) -> str:
    """The page with these traces (name -> bytes of the file), the world's first."""
    script, style = bundle(), static_text(STYLE)
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    data = {"files": [{"name": name, "data": base64.b64encode(body).decode("ascii")} for name, body in traces.items()]}
    # "<" in a name would otherwise be able to end the block.
    block = json.dumps(data).replace("<", "\\u003c")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en" data-theme="dark">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<title>cherrypy_bot</title>",
            '<link rel="icon" href="data:,">',
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<div id="root"><noscript>This page needs JavaScript.</noscript></div>',
            f'<script type="application/json" id="embedded">{block}</script>',
            f'<script type="module">{script}</script>',
            "</body>",
            "</html>",
            "",
        ]
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
