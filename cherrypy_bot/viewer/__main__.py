"""`python -m cherrypy_bot.viewer FOLDER`: the server in a process of its own, as `play --watch` starts it.

It prints the page's address as its first line, and ends when its standard input does: with whoever started it.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path

from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.folder import TraceFolder
from cherrypy_bot.viewer.server import listen, serve, url_of


def main() -> int:
    """Serve the folder; 2 where that cannot be done."""
    parser = argparse.ArgumentParser(prog="cherrypy_bot.viewer", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--match", default=None)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    try:
        bound = listen(arguments.host, arguments.port)
        folder = TraceFolder(arguments.folder)
    except ViewError as error:
        sys.stderr.write(f"cherrypy_bot.viewer: {error}\n")
        return 2
    print(url_of(bound, arguments.host, arguments.match), flush=True)
    threading.Thread(target=_end_with_input, daemon=True).start()
    serve(folder, bound, arguments.host)
    return 0


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
