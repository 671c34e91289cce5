"""A server in a thread, and the browser for tests of the page."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from cherrypy_bot.viewer.folder import TraceFolder
from cherrypy_bot.viewer.server import listen, make_app, url_of


def chromium_path() -> str | None:
    """An installed Chromium or Chrome; CHROMIUM names another one."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def served(root: Path, only: str | None = None, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve a folder on a free port; gives the address of the page."""
    bound = listen(host, 0)
    server = uvicorn.Server(
        uvicorn.Config(make_app(TraceFolder(root, only), host), log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        yield url_of(bound, host)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        bound.close()
