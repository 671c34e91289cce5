"""What a bot does: one concern per module, meeting on the blackboard only.

`bots.yaml` lists the modules of a bot by dotted name; `modules.keys` declares every value that they share.
Imports `cherrypy_bot.core` and other helpers in here, never the engine, the ladder or the viewer.
"""
