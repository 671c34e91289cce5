"""What AI Arena's image for bots has: Python 3.12 and these packages. Everything else a bot brings itself."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

PYTHON = "3.12"
PACKAGES: Mapping[str, str] = MappingProxyType(
    {
        "numpy": "numpy",
        "scipy": "scipy",
        "torch": "torch",
        "pydantic": "pydantic",
        "yaml": "PyYAML",
        "loguru": "loguru",
        "aiohttp": "aiohttp",
        "google": "protobuf",
        "mpyq": "mpyq",
        "rich": "rich",
    }
)
"""Importable name -> distribution. The image has more; a bot that keeps to these needs no luck."""
MAX_BYTES = 50_000_000
"""Largest zip that the ladder takes."""


def link_packages(folder: Path) -> list[str]:
    """Fill a folder with links to this interpreter's copies of the image's packages and what those need.

    An interpreter started with `-S` and this folder as PYTHONPATH can import them and nothing else that is installed
    here. Returns the image's distributions that are not installed here and so cannot be linked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for name in PACKAGES.values():
        if not _link(name, folder, set()):
            missing.append(name)
    return missing


def _link(name: str, folder: Path, seen: set[str]) -> bool:
    if name.lower() in seen:
        return True
    seen.add(name.lower())
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
        target, link = Path(str(distribution.locate_file(top))).resolve(), folder / top
        if target.exists() and not link.exists():
            link.symlink_to(target)
    for requirement in distribution.requires or ():
        wanted = re.match(r"[A-Za-z0-9._-]+", requirement)
        if wanted is not None and "extra ==" not in requirement:
            _link(wanted.group(), folder, seen)
    return True
