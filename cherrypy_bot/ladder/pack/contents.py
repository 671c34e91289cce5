"""What goes into a bot's zip: found by following imports from the ladder's entry point and the bot's own classes.

Our own code and that beside bots.yaml goes in file by file, with the data files of its packages; other packages that
the image lacks go in whole, if they are pure Python. The engine, the viewer and the command line never do.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path

from cherrypy_bot.config import BotSpec
from cherrypy_bot.ladder.errors import MatchError
from cherrypy_bot.ladder.pack import image
from cherrypy_bot.ladder.pack.imports import Import, imports_of

ENTRY = "cherrypy_bot.ladder.entry"
OURS = frozenset({"cherrypy_bot", "modules"})
STAYS_HERE = {
    "cherrypy_bot.sim": "the engine",
    "cherrypy_bot.viewer": "the viewer",
    "cherrypy_bot.commands": "the command line",
    "cherrypy_bot.cli": "the command line",
    "cherrypy_bot.ladder.arena": "the arena",
    "cherrypy_bot.ladder.pack": "the packer",
}
_COMPILED = frozenset({".so", ".pyd", ".dylib", ".dll"})
_NO_DATA = frozenset({".py", ".pyc", ".pyi", ".pyx", ".c"})
_LICENCE_WORDS = ("licen", "copying", "notice")


@dataclass
class Contents:
    """What goes in.

    Attributes:
        files: path in the zip -> file here.
        vendored: names of other people's packages that go in, with their versions.
        from_image: packages of the image that the bot imports.
        left_out: imports that are not met and whose absence the code says to forgive, as "FILE:LINE: name".
    """

    files: dict[str, Path] = field(default_factory=dict)
    vendored: dict[str, str] = field(default_factory=dict)
    from_image: set[str] = field(default_factory=set)
    left_out: list[str] = field(default_factory=list)


def collect(bot: BotSpec, added: Iterable[Path] = ()) -> Contents:
    """Everything that a bot needs on the ladder.

    Args:
        added: further files or folders (weights, say), which keep their place relative to bots.yaml.

    Raises MatchError for an import that neither the image nor pure Python in the zip can meet.
    """
    collector = _Collector(Path(bot.located.file).resolve().parent)
    roots = [entry.dotted for entry in bot.modules or ()] + ([bot.class_name] if bot.class_name else [])
    collector.follow(ENTRY, bot.located.file, Import(ENTRY, 0, False, False))
    for dotted in roots:
        module = dotted.replace(":", ".").rpartition(".")[0]
        collector.follow(module, bot.located.file, Import(module, 0, False, False))
    collector.run()
    for path in added:
        collector.add(path)
    return collector.contents


class _Collector:
    def __init__(self, home: Path) -> None:
        self.contents = Contents()
        self._home = home
        self._queue: deque[tuple[str, ModuleSpec]] = deque()
        self._seen: set[str] = set()

    def run(self) -> None:
        """Until no import is open."""
        while self._queue:
            name, spec = self._queue.popleft()
            assert spec.origin is not None
            path = Path(spec.origin)
            is_package = spec.submodule_search_locations is not None
            arcname = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
            self.contents.files[arcname] = path
            if is_package:
                self._add_data(path.parent, name.replace(".", "/"))
            for found in imports_of(path, name, is_package=is_package):
                self.follow(found.name, str(path), found)

    def follow(self, name: str, importer: str, found: Import) -> None:
        """Make sure that an import of our own code is met."""
        parts = name.split(".")
        top = parts[0]
        if top in sys.stdlib_module_names:
            return
        if top in image.PACKAGES:
            self.contents.from_image.add(top)
            return
        for package, what in STAYS_HERE.items():
            if name == package or name.startswith(package + "."):
                where = f"{importer}:{found.line}"
                raise MatchError(f"{where} imports {name}: {what} does not go to the ladder; the bot must do without")
        if not self._is_ours(top):
            self._vendor(top, importer, found)
            return
        for end in range(1, len(parts) + 1):
            module = ".".join(parts[:end])
            spec = _find(module)
            if spec is None or spec.origin is None:
                if end == len(parts) and end > 1:  # the name of something in the module
                    return
                self._miss(name, importer, found, "cannot be found")
                return
            if module not in self._seen:
                self._seen.add(module)
                self._queue.append((module, spec))
            if spec.submodule_search_locations is None:
                return

    def add(self, path: Path) -> None:
        """A file, or all files of a folder, in their place relative to bots.yaml."""
        resolved = path.resolve()
        if not resolved.exists() or not resolved.is_relative_to(self._home):
            raise MatchError(f"{path} is not in {self._home}, where bots.yaml is; what is added must lie there")
        for file in [resolved] if resolved.is_file() else sorted(resolved.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                self.contents.files[file.relative_to(self._home).as_posix()] = file

    def _is_ours(self, top: str) -> bool:
        if top in OURS:
            return True
        spec = _find(top)
        places = [spec.origin] if spec is not None and spec.origin else []
        return any(
            Path(place).is_relative_to(self._home) and not {"site-packages", "dist-packages"} & set(Path(place).parts)
            for place in places
        )

    def _add_data(self, folder: Path, arcname: str) -> None:
        """The data of a package: its other files, and those of its folders that are no packages."""
        for path in sorted(folder.iterdir()):
            if path.name.startswith((".", "__pycache__")):
                continue
            if path.is_dir() and not (path / "__init__.py").exists():
                if f"{arcname}/{path.name}".replace("/", ".") in STAYS_HERE:
                    continue
                self._add_data(path, f"{arcname}/{path.name}")
            elif path.is_file() and path.suffix not in _NO_DATA:
                self.contents.files[f"{arcname}/{path.name}"] = path

    def _vendor(self, top: str, importer: str, found: Import) -> None:
        """Take another package in whole, and what it needs to be imported."""
        if top in self.contents.vendored:
            return
        spec = _find(top)
        if spec is None or spec.origin is None:
            self._miss(top, importer, found, "cannot be found here")
            return
        files = _files_of(spec, top)
        compiled = next((path for path in files.values() if path.suffix in _COMPILED), None)
        if compiled is not None:
            self._miss(top, importer, found, f"is compiled ({compiled.name}) and works on one machine only")
            return
        self.contents.vendored[top] = _version(top)
        self.contents.files.update(files)
        self.contents.files.update(_licences(top))
        for arcname, path in files.items():
            if path.suffix != ".py":
                continue
            module, is_package = arcname.removesuffix(".py").replace("/", "."), path.name == "__init__.py"
            module = module.removesuffix(".__init__")
            for inner in imports_of(path, module, is_package=is_package):
                if not inner.lazy and not inner.guarded and inner.name.split(".")[0] != top:
                    self.follow(inner.name, str(path), inner)

    def _miss(self, name: str, importer: str, found: Import, why: str) -> None:
        where = f"{importer}:{found.line}"
        if not found.guarded:
            raise MatchError(
                f"{where} imports {name}, which the ladder's image does not have and which {why}; "
                "the bot must do without, or catch the ImportError"
            )
        self.contents.left_out.append(f"{where}: {name}")


def _find(module: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(module)
    except (ImportError, ValueError):  # its parent is no package
        return None


def _files_of(spec: ModuleSpec, top: str) -> dict[str, Path]:
    """Path in the zip -> file, of a module or a whole package."""
    assert spec.origin is not None
    origin = Path(spec.origin)
    if spec.submodule_search_locations is None:
        return {origin.name: origin}
    found = {}
    for path in sorted(origin.parent.rglob("*")):
        inside = path.relative_to(origin.parent)
        if path.is_file() and path.suffix not in (".pyc", ".pyi") and "__pycache__" not in inside.parts:
            found[f"{top}/{inside.as_posix()}"] = path
    return found


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def _distribution(top: str) -> importlib.metadata.Distribution | None:
    names = _distributions()
    return importlib.metadata.distribution(names[top][0]) if top in names else None


def _version(top: str) -> str:
    found = _distribution(top)
    return f"{found.metadata['Name']} {found.version}" if found is not None else "of no known distribution"


def _licences(top: str) -> dict[str, Path]:
    """The licence texts of a package that is passed on; its metadata, which names the licence, where it has none."""
    found = _distribution(top)
    if found is None:
        return {}
    inside = [file for file in found.files or () if ".dist-info" in str(file)]
    texts = [file for file in inside if any(word in file.name.lower() for word in _LICENCE_WORDS)]
    texts = texts or [file for file in inside if file.name == "METADATA"]
    return {f"licences/{found.metadata['Name']}/{file.name}": Path(str(found.locate_file(file))) for file in texts}
