"""Scripted opponents: plain python-sc2 bots with a fixed plan.

They import nothing of this project but each other, so each also proves that the engine plays unmodified
python-sc2 programs. Match running (`cherrypy_bot.ladder`) loads them by the class path in bots.yaml.
"""
