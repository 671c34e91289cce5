"""The bytes of a `.SC2Replay`: an MPQ archive whose parts use Blizzard's versioned encoding.

Knows nothing of players or build orders; `replays.reader` makes those of what is decoded here.
Every size that a file claims is checked before memory is spent on it.
"""
