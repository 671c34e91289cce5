"""The bytes of the game's files: MPQ archives, Blizzard's versioned encoding, bit-packed parts, tracker events.

Pure containers: nothing here knows a map, a player or a game. `cherrypy_bot.sim` reads maps and writes replays with
it, `replays` reads replays with it; it imports neither. What cannot be read is a `FormatError`, and every size that a
file claims is checked before memory is spent on it.
"""
