"""The framework: blackboard, UPC tuples, tasks, claims, modules, the bot loop, unit table, trace.

Knows no strategy. Imported by `modules`, `learn`, `ladder` and `viewer`; imports neither the engine
(`cherrypy_bot.sim`) nor `modules`.
"""
