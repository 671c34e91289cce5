"""The commands behind `cherrypy-bot`, one file each; only `cherrypy_bot.cli` imports them."""
