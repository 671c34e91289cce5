"""What a Python file imports, and how badly it needs it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cherrypy_bot.ladder.errors import MatchError

_FORGIVING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True)
class Import:
    """One import.

    Attributes:
        name: absolute dotted name: a module, or something in one (`from module import name`).
        line: in the file.
        lazy: inside a function, so that importing the file alone does not need it.
        guarded: inside a `try` that forgives its absence.
    """

    name: str
    line: int
    lazy: bool
    guarded: bool


def imports_of(path: Path, module: str, *, is_package: bool) -> list[Import]:
    """Every import of a file but those for type checkers. MatchError for a file that is no Python."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise MatchError(f"{path}:{error.lineno}: {error.msg}; the bot cannot be packed") from error
    package = module if is_package else module.rpartition(".")[0]
    return list(_walk(tree, package, lazy=False, guarded=False))


def _walk(node: ast.AST, package: str, *, lazy: bool, guarded: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield from (Import(name, child.lineno, lazy, guarded) for name in _names(child, package))
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            for other in child.orelse:
                yield from _walk(ast.Module([other], []), package, lazy=lazy, guarded=guarded)
        elif isinstance(child, ast.Try):
            forgiven = guarded or any(_forgives(handler) for handler in child.handlers)
            yield from _walk(ast.Module(child.body, []), package, lazy=lazy, guarded=forgiven)
            rest = [*child.handlers, *child.orelse, *child.finalbody]
            yield from _walk(ast.Module(rest, []), package, lazy=lazy, guarded=guarded)  # type: ignore[arg-type]
        else:
            inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, package, lazy=inside, guarded=guarded)


def _names(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parts = package.split(".")
        above = parts[: len(parts) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    return [f"{base}.{alias.name}" if alias.name != "*" else base for alias in node.names]


def _forgives(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in _FORGIVING for name in caught)
