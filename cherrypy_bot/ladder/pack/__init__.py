"""Packing a bot for the ladder: one zip with run.py at its root and everything that the ladder's image does not bring.

`image` (what the image has), `imports` (what a source file imports), `contents` (what must go in), `archive` (the zip)
and `check` (a match with the zip as the ladder would play it). Nothing of this goes into a packed bot.
"""
