"""What can go wrong when matches are shown; the texts are for users."""


class ViewError(Exception):
    """A trace, folder or address that cannot be shown; the message says what to do."""
