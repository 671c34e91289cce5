"""Games of the engine as the game's own replay files, `.SC2Replay`.

`tracker` watches a game and keeps what the game tracks, `commands` turns the players' orders into game events, `lobby`
says who played what and where, `save` makes the archive of all. Only `sim.api` and the command line import it.
"""

from cherrypy_bot.sim.recording.save import follow, save

__all__ = ["follow", "save"]
