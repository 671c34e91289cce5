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
