"""Matches: who plays whom, on which engine, and what came of it.

`match.play_match` plays one on the embedded engine, `installed.play_installed` one on a StarCraft II
installation; both return a `report.MatchReport`. `entry` is what the ladder starts, `pack` makes the zip for it,
and `arena` plays bots in processes of their own as the ladder does. May import `core`, the configuration and, for
the embedded engine, `sim`.
"""
