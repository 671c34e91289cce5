"""Exceptions of the framework core. Their messages are sentences that say what to do."""


class CoreError(Exception):
    """Base of every exception that `cherrypy_bot.core` raises on purpose."""


class UpcError(CoreError):
    """A UPC tuple was built from values that make no sense."""


class BlackboardError(CoreError):
    """An unknown or wrongly typed key, or a UPC used against the rules of the blackboard."""


class TaskError(CoreError):
    """A task was used after it ended, or before it was put on the blackboard."""


class ModuleError(CoreError):
    """A module's declarations contradict themselves or the order of the modules."""


class TraceError(CoreError):
    """A decision trace cannot be read at all (not a trace, or an unknown version)."""


class ConfigError(CoreError):
    """Something in a file that people write is wrong; the text is one line `FILE:LINE: key 'a.b': ...`.

    Attributes:
        message: what is wrong and what to do, without the place.
        file, line, key: the place; file "" where the text came from the command line, line 0 and key "" where
            there is none.
    """

    def __init__(self, message: str, *, file: str = "", line: int = 0, key: str = "") -> None:
        self.message = " ".join(message.split())
        self.file = file
        self.line = line
        self.key = key
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + (f"key '{key}': " if key else "") + self.message)
