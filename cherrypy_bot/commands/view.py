"""`cherrypy-bot view`, and the page of `play --watch`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from types import TracebackType

from rich.console import Console

from cherrypy_bot.core.trace import SUFFIX
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.export import export_html
from cherrypy_bot.viewer.folder import TraceFolder, match_name

DEFAULT_FOLDER = Path("out")
_GRACE_SECONDS = 2.0


def run(
    console: Console, target: Path | None, *, export: Path | None, host: str, port: int, open_browser: bool
) -> None:
    """Serve a folder of traces or one match, or export a match. ViewError where that cannot be done."""
    folder = folder_of(target)
    if export is not None:
        _export(console, folder, target, export)
        return
    from cherrypy_bot.viewer.server import listen, serve, url_of

    with listen(host, port) as bound:
        url = url_of(bound, host, folder.only)
        console.print(f"{url}  (Ctrl-C ends it)", highlight=False, soft_wrap=True)
        if open_browser:
            show_in_browser(url)
        serve(folder, bound, host)


def folder_of(target: Path | None) -> TraceFolder:
    """The folder that is named, or that of the trace that is named, with just its match."""
    if target is None:
        if not DEFAULT_FOLDER.is_dir():
            raise ViewError(f"there is no folder {DEFAULT_FOLDER} yet; play a match first, or name a trace or a folder")
        return TraceFolder(DEFAULT_FOLDER)
    if target.is_dir():
        return TraceFolder(target)
    if not target.exists():
        raise ViewError(f"{target} does not exist; give a trace ({SUFFIX}) or a folder with traces")
    if not target.name.endswith(SUFFIX):
        raise ViewError(f"{target} is no trace; give a file whose name ends with {SUFFIX}, or a folder")
    return TraceFolder(target.parent, match_name(target.name))


def _export(console: Console, folder: TraceFolder, target: Path | None, output: Path) -> None:
    if folder.only is None:
        raise ViewError(f"--export writes one match; name its trace instead of {target or DEFAULT_FOLDER}")
    files = folder.match(folder.only).files
    page = export_html({name: folder.path(name).read_bytes() for name in files})
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ViewError(f"{output} cannot be written ({error.strerror}); give another --export") from error
    console.print(f"{output}: {len(page) / 1e6:.1f} MB, opens in any browser", highlight=False, soft_wrap=True)


def show_in_browser(url: str) -> None:
    """Open the page where there is a desktop; a browser in a terminal would take the terminal."""
    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


class LivePage:
    """The page of matches that are being played, served on loopback by a process of its own.

    A match only writes its traces; whether somebody looks, and how slowly, does not touch it.

    Args:
        folder: where the traces go. match: name of the one that is shown, None for all.
        port: 0 takes a free one.

    Raises ViewError where the port cannot be had.

    Example:
        >>> with LivePage(Path("out/traces"), "X") as page:
        ...     play_match(...)
    """

    def __init__(self, folder: Path, match: str | None = None, *, port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "cherrypy_bot.viewer", str(folder), "--port", str(port)]
        if match is not None:
            command += ["--match", match]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            self._process.wait()
            raise ViewError(f"the page cannot be served at port {port}; give another --watch-port")

    def __enter__(self) -> LivePage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def linger(self, console: Console) -> None:
        """After the match: on a terminal the page stays until Enter or Ctrl-C, else long enough to read the end."""
        if not sys.stdin.isatty():
            time.sleep(_GRACE_SECONDS)
            return
        console.print(f"the page stays at {self.url}; press Enter to end it", highlight=False, soft_wrap=True)
        try:
            sys.stdin.readline()
        except KeyboardInterrupt:
            console.print()

    def close(self) -> None:
        """End the server; its standard input ends with this process too, so it never outlives it."""
        self._process.terminate()
        self._process.wait(timeout=10)
