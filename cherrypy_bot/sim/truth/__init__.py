"""How true the engine is: comparisons with data captured from the real game.

`conform` compares the rules field by field, `durations` plays what replays measured with a stopwatch, `openings` plays
real players' openings again. `source` reads the folder that holds the captures; nothing of it ships with the engine.
Only commands and tests import this package.
"""
