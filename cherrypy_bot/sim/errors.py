"""Errors that the engine raises at its edge."""


class SimError(Exception):
    """Base of everything the engine raises on purpose; its text is one sentence for the user."""
