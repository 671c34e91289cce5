"""The embedded engine: StarCraft II's API without StarCraft II.

`game.Game` is one match; `api` speaks the game's protocol in front of it; `rules` and `maps` are its data;
`kernels` do what happens to every unit in every loop and `abilities` what an order does. Nothing in here
imports the bot framework.
"""
