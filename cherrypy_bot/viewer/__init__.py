"""The page that shows matches: from traces in a folder, live while they are written, or as one file to send around.

`folder` finds the traces and says which files may be served, `server` serves them on loopback, `export` makes one
self-contained HTML file, `static` holds the page (plain ES modules, no build step). May import `core` and `ladder`;
the ladder's half of the project imports nothing of it.
"""
