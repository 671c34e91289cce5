"""The zip itself: the same files give the same bytes."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cherrypy_bot.config import BotSpec, Config
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.pack import image
from cherrypy_bot.ladder.pack.contents import Contents

_DATE = (1980, 1, 1, 0, 0, 0)
RUN = '''"""What the ladder starts, with --GamePort, --StartPort, --LadderServer and --OpponentId."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # what is packed goes before what the image has

from cherrypy_bot.ladder.entry import main

if __name__ == "__main__":
    sys.exit(main([*sys.argv[1:], "--bot", {name!r}, "--config", str(HERE / "bots.yaml")]))
'''


@dataclass(frozen=True)
class Part:
    """A top-level entry of a zip: how many files and how many bytes, unpacked and packed."""

    name: str
    files: int
    unpacked_bytes: int
    packed_bytes: int


def configuration(config: Config, bot: BotSpec) -> str:
    """A bots.yaml with this one bot, as it was written in its own."""
    entry: Any = config.located.data["bots"][bot.name]
    defaults = {"bot": bot.name, "game_step": config.defaults.game_step}
    return yaml.safe_dump({"defaults": defaults, "bots": {bot.name: entry}}, sort_keys=False, allow_unicode=True)


def write(path: Path, config: Config, bot: BotSpec, contents: Contents) -> list[Part]:
    """Write a bot's zip; an older file of that name is replaced as a whole.

    Raises MatchError for a zip that is larger than the ladder takes; nothing is written then.
    """
    texts = {"run.py": RUN.format(name=bot.name), "bots.yaml": configuration(config, bot)}
    path.parent.mkdir(parents=True, exist_ok=True)
    half_done = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(half_done, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in sorted([*texts, *contents.files]):
                data = texts[name].encode() if name in texts else contents.files[name].read_bytes()
                info = zipfile.ZipInfo(name, _DATE)
                info.external_attr = 0o644 << 16  # readable for whoever unpacks it
                archive.writestr(info, data, zipfile.ZIP_DEFLATED)
        found = parts(half_done)
        check_size(half_done)
        half_done.replace(path)
    except OSError as error:
        raise MatchError(f"{path} cannot be written: {error}") from error
    finally:
        half_done.unlink(missing_ok=True)
    return found


def check_size(path: Path) -> None:
    """MatchError for a zip that the ladder does not take, with its largest files."""
    size = path.stat().st_size
    if size <= image.MAX_BYTES:
        return
    with zipfile.ZipFile(path) as archive:
        largest = sorted(archive.infolist(), key=lambda info: -info.compress_size)[:3]
    named = ", ".join(f"{info.filename} {info.compress_size / 1e6:.1f} MB" for info in largest)
    raise MatchError(
        f"the zip has {size / 1e6:.1f} MB, the ladder takes {image.MAX_BYTES / 1e6:.0f}; its largest files: {named}"
    )


def parts(path: Path) -> list[Part]:
    """What is in a zip by its top-level entries, largest first."""
    found: dict[str, list[zipfile.ZipInfo]] = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            found.setdefault(info.filename.partition("/")[0], []).append(info)
    sized = [
        Part(name, len(infos), sum(i.file_size for i in infos), sum(i.compress_size for i in infos))
        for name, infos in found.items()
    ]
    return sorted(sized, key=lambda part: (-part.packed_bytes, part.name))
