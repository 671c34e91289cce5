"""House rules that no type checker holds: where imports point, how long files are, what they do not name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE_LINES = 600
COMFORTABLE_FILE_LINES = 500

# package -> packages of ours that it must not import, at any depth of its files
FORBIDDEN = {
    "cherrypy_bot.core": (
        "cherrypy_bot.sim",
        "modules",
        "cherrypy_bot.learn",
        "cherrypy_bot.ladder",
        "cherrypy_bot.viewer",
        "cherrypy_bot.opponents",
        "replays",
    ),
    "cherrypy_bot.sim": (
        "cherrypy_bot.core",
        "modules",
        "cherrypy_bot.learn",
        "cherrypy_bot.ladder",
        "cherrypy_bot.viewer",
        "cherrypy_bot.opponents",
        "cherrypy_bot.config",
        "replays",
    ),
    "cherrypy_bot.formats": (
        "cherrypy_bot.core",
        "cherrypy_bot.sim",
        "cherrypy_bot.config",
        "cherrypy_bot.ladder",
        "cherrypy_bot.learn",
        "cherrypy_bot.viewer",
        "cherrypy_bot.opponents",
        "modules",
        "replays",
    ),
    "replays": ("cherrypy_bot.sim", "cherrypy_bot.ladder", "cherrypy_bot.viewer", "cherrypy_bot.learn"),
    "cherrypy_bot.learn": ("cherrypy_bot.viewer",),
    "cherrypy_bot.ladder": ("cherrypy_bot.viewer",),
    "cherrypy_bot.viewer": ("cherrypy_bot.learn",),
    "modules": ("cherrypy_bot.sim", "cherrypy_bot.ladder", "cherrypy_bot.viewer", "cherrypy_bot.opponents"),
    "cherrypy_bot.opponents": (
        "cherrypy_bot.core",
        "cherrypy_bot.sim",
        "cherrypy_bot.config",
        "cherrypy_bot.ladder",
        "modules",
    ),
}
# Packages that a bot packed for the ladder runs without; what it carries must not import them.
NOT_ON_THE_LADDER = ("numba", "typer", "llvmlite", "PIL", "starlette", "uvicorn")
CARRIED_TO_THE_LADDER = ("cherrypy_bot.core", "cherrypy_bot.config", "modules")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/")


def source_files() -> list[Path]:
    """Every Python file of the product, package and tests apart."""
    return sorted(
        path
        for package in ("cherrypy_bot", "modules", "replays", "benchmarks")
        for path in (ROOT / package).rglob("*.py")
        if "__pycache__" not in path.parts
    )


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything that a file imports, in functions and `if TYPE_CHECKING` too."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    name = module_name(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def is_inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def offences(package: str, forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {imported}"
        for path in source_files()
        if is_inside(module_name(path), package)
        for line, imported in imports_of(path)
        if any(is_inside(imported, target) for target in forbidden)
    ]


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_imports_point_one_way(package: str) -> None:
    assert offences(package, FORBIDDEN[package]) == []


def test_nothing_imports_the_command_line() -> None:
    cli = ("cherrypy_bot.cli", "cherrypy_bot.commands")
    outside = [
        offence
        for package in ("cherrypy_bot", "modules", "replays", "benchmarks")
        for offence in offences(package, cli)
        if not offence.startswith(("cherrypy_bot/cli.py", "cherrypy_bot/commands/", "cherrypy_bot/__main__.py"))
    ]
    assert outside == []


@pytest.mark.parametrize("package", CARRIED_TO_THE_LADDER)
def test_what_goes_to_the_ladder_imports_only_what_is_there(package: str) -> None:
    assert offences(package, NOT_ON_THE_LADDER) == []


def test_the_scan_sees_imports_of_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules above hold only as far as the scan sees, so it is shown each form of import once."""
    package = tmp_path / "cherrypy_bot" / "core"
    package.mkdir(parents=True)
    (package / "leaky.py").write_text(
        "import modules.micro\nfrom ..sim import api\nfrom cherrypy_bot import sim\n\ndef late():\n    import numba\n"
    )
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    assert [
        offence.rpartition(" ")[2] for offence in offences("cherrypy_bot.core", ("cherrypy_bot.sim", "modules"))
    ] == [
        "modules.micro",
        "cherrypy_bot.sim.api",
        "cherrypy_bot.sim",
    ]
    assert len(offences("cherrypy_bot.core", NOT_ON_THE_LADDER)) == 1


def test_files_have_one_subject_and_fit_on_a_desk() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in source_files()}
    for path, lines in lengths.items():
        if lines > COMFORTABLE_FILE_LINES:
            print(f"{path.relative_to(ROOT)}: {lines} lines; over {COMFORTABLE_FILE_LINES} is two subjects")
    assert [f"{path.relative_to(ROOT)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE_LINES] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*source_files(), ROOT / "Makefile", ROOT / "bots.yaml", ROOT / ".ci" / "run"]
        if path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert named == []


def test_core_and_modules_use_only_the_public_surface_of_python_sc2() -> None:
    """Private members of the bot, its client or its units differ between python-sc2 releases."""
    private = re.compile(r"\b(client|ai|bot|game_info|game_data)\._(?!_)\w+")
    used = [
        f"{path.relative_to(ROOT)}:{number}: {match.group(0)}"
        for path in source_files()
        if is_inside(module_name(path), "cherrypy_bot.core") or is_inside(module_name(path), "modules")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := private.search(line.split("#", 1)[0]))
    ]
    assert used == []
