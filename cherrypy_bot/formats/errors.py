"""What can be wrong with a file, said of "it"; whoever knows the file's name and kind adds both."""

from __future__ import annotations


class FormatError(Exception):
    """Bytes that are not what they should be. The text is a sentence about "it" without advice at its end."""
