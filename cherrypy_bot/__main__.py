"""`python -m cherrypy_bot` is the `cherrypy-bot` command."""

from cherrypy_bot.cli import main

main()
