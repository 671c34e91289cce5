"""Programs that this project did not write, playing on the engine: packages of PyPI, each in an environment of its own.

`python -m tests.clients.programs` installs and runs them; the suite runs those that are installed.
"""
