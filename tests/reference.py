"""Where the ground truth of the real game lies, for tests that compare against it."""

from pathlib import Path

import pytest

_CANDIDATE = Path(__file__).resolve().parent.parent.parent / "shared" / "reference"

REFERENCE: Path | None = _CANDIDATE if _CANDIDATE.is_dir() else None
"""Folder with captured data of the real game, or None where it is not present."""

needs_reference = pytest.mark.skipif(
    REFERENCE is None, reason=f"reference data of the real game not found at {_CANDIDATE}"
)
