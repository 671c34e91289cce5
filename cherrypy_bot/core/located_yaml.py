"""YAML files with the line of every key, and their validation by pydantic with errors that name the place.

Example:
    >>> located = read_yaml(path)
    >>> build = validate(BuildOrder, located)    # ConfigError: FILE:LINE: key 'steps[3].supply': ...
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cherrypy_bot.core.errors import ConfigError

Path_: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the top of the file to a value."""

ModelT = TypeVar("ModelT", bound=BaseModel)

_MOST_NODES = 100_000
_PLAIN_TAGS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_KEY_OF_LINE = re.compile(r"""^\s*(?:-\s+)*["']?([^\s:"'#-][^:"'#]*?)["']?\s*:""")


@dataclass(frozen=True, slots=True)
class Located:
    """Plain data (dicts with text keys, lists, scalars) and where each value stands.

    Attributes:
        file: as the user named it, for errors.
        data: the whole file.
        lines: line (from 1) of each value's key, by path.
    """

    file: str
    data: Any
    lines: dict[Path_, int]

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the value at `path` or of the closest thing above it."""
        path = tuple(path)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Sequence[str | int], message: str) -> ConfigError:
        """A ConfigError about the value at `path`."""
        return ConfigError(message, file=self.file, line=self.line(path), key=dotted(path))


def dotted(path: Iterable[str | int]) -> str:
    """A path as people write it: `bots.cherry.modules[2]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(path: str | Path) -> Located:
    """Read a YAML file whose top is a map.

    Raises ConfigError, naming the line, when it is missing, not UTF-8, empty, no YAML, or has a key twice.
    """
    path = Path(path)
    name = str(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError("there is no such file; check the path", file=name) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=name) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        whole = raw.decode("utf-8", errors="replace")
        raise ConfigError(
            f"byte 0x{raw[error.start]:02x} in column {column} is not UTF-8; save the file as UTF-8",
            file=name,
            line=line,
            key=_key_near(whole, line),
        ) from None
    return parse_yaml(text, name)


def parse_yaml(text: str, file: str) -> Located:
    """Like `read_yaml`, for text that was read already; `file` is for errors."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            raise ConfigError("the file is empty; write a map with at least one key", file=file, line=1)
        located = Located(file, None, {})
        data = _Builder(loader, located).build(node, ())
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, file) from None
    except RecursionError:
        raise ConfigError("it is nested too deeply; no configuration needs that", file=file, line=1) from None
    if not isinstance(data, dict):
        line = node.start_mark.line + 1
        raise ConfigError(
            f"the file must be a map (key: value), not {kind_of(data)}",
            file=file,
            line=line,
            key=_key_near(text, line),
        )
    return Located(file, data, located.lines)


class _Builder:
    """Turns YAML nodes into plain data while it notes their lines."""

    def __init__(self, loader: yaml.SafeLoader, located: Located) -> None:
        self._loader = loader
        self._located = located
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: yaml.Node, path: Path_) -> Any:
        self._count += 1
        self._located.lines.setdefault(path, node.start_mark.line + 1)
        if self._count > _MOST_NODES:
            raise self._located.error(path, f"the file has more than {_MOST_NODES} values; use fewer anchors")
        if id(node) in self._open:
            raise self._located.error(path, "it contains itself through an anchor; remove the alias")
        if isinstance(node, yaml.ScalarNode):
            return self._loader.construct_object(node, deep=True)  # type: ignore[no-untyped-call]
        if node.tag not in _PLAIN_TAGS:
            raise self._located.error(path, f"the tag {node.tag} is not allowed; use plain maps and lists")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
            return self._map(node, path)
        finally:
            self._open.discard(id(node))

    def _map(self, node: Any, path: Path_) -> dict[str, Any]:
        first: dict[Any, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is not None and key in first:
                raise ConfigError(
                    f"the key is there twice, first in line {first[key]}; keep one",
                    file=self._located.file,
                    line=line,
                    key=dotted((*path, str(key))),
                )
            first[key] = line
        if any(key_node.tag == "tag:yaml.org,2002:merge" for key_node, _ in node.value):
            # `<<: *anchor` puts the anchor's entries first; later ones win.
            self._loader.flatten_mapping(node)
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._loader.construct_object(key_node, deep=True)  # type: ignore[no-untyped-call]
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise ConfigError(
                    f"the key {key_node.value!r} is {kind_of(key)}, keys are text; put it in quotes",
                    file=self._located.file,
                    line=line,
                    key=dotted((*path, str(key_node.value))),
                )
            self._located.lines[(*path, key)] = line
            data[key] = self.build(value_node, (*path, key))
        return data


def _syntax_error(error: yaml.YAMLError, text: str, file: str) -> ConfigError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    line = mark.line + 1 if mark is not None else text.count("\n", 0, position) + 1 if position else 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    source = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    if "\t" in source[: len(source) - len(source.lstrip())] or "'\\t'" in problem:
        problem = "a tab indents this line, YAML allows spaces only; replace tabs by spaces"
    elif "python/" in problem:
        problem = f"{problem}; only plain values are allowed"
    else:
        problem = f"is no YAML: {problem}; check indentation, quotes and colons there"
    return ConfigError(problem, file=file, line=line, key=_key_near(text, line))


def _key_near(text: str, line: int) -> str:
    """The key on a line or on the closest line above that has one."""
    lines = text.split("\n")
    for number in range(min(line, len(lines)) - 1, -1, -1):
        found = _KEY_OF_LINE.match(lines[number])
        if found:
            return found.group(1)
    return ""


# -- validation ------------------------------------------------------------------------------------


def validate(model: type[ModelT], located: Located, path: Sequence[str | int] = (), data: Any = None) -> ModelT:
    """Validate the value at `path` (or `data` in its place); its first error becomes a ConfigError."""
    path = tuple(path)
    if data is None:
        data = located.data
        for part in path:
            data = data[part]
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = [(located.line((*path, *issue["loc"])), number, issue) for number, issue in enumerate(error.errors())]
        _, _, issue = min(found, key=lambda entry: entry[:2])
        where = tuple(issue["loc"])
        raise located.error((*path, *where), explain(model, dict(issue))) from None


def explain(model: type[BaseModel], issue: dict[str, Any]) -> str:
    """What is wrong with a value and what to do, from one of pydantic's error entries."""
    kind, given, context = issue["type"], issue.get("input"), issue.get("ctx", {})
    if kind == "extra_forbidden":
        known = _known_keys(model, issue["loc"][:-1])
        listed = f"known are {', '.join(known)}" if known else "nothing can be set here"
        return f"is not known here{did_you_mean(str(issue['loc'][-1]), known)}; {listed}"
    if kind == "missing":
        return "is missing; add it"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", issue["msg"]))
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", ""))
        options = re.findall(r"'([^']*)'", expected)
        return f"must be one of {expected}, not {given!r}" + (
            did_you_mean(given, options) if isinstance(given, str) else ""
        )
    for ending, wanted in _WANTED.items():
        if kind.startswith(ending):
            return f"must be {wanted}, not {kind_of(given)}" + ("" if _nested(given) else f" ({given!r})")
    for limit, words in _LIMITS.items():
        if limit in context:
            return f"must be {words} {context[limit]}, not {given!r}"
    return f"{issue['msg'][0].lower()}{issue['msg'][1:]}, not {given!r:.60}"


_WANTED = {
    "dict": "a map (key: value)",
    "model": "a map (key: value)",
    "list": "a list (- entry)",
    "tuple": "a list (- entry)",
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}
_LIMITS = {"ge": "at least", "gt": "greater than", "le": "at most", "lt": "less than"}


def _nested(value: object) -> bool:
    return isinstance(value, dict | list) or value is None


def kind_of(value: object) -> str:
    """What a YAML value is, in plain words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else "a number" if isinstance(value, int | float) else type(value).__name__


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` when something known is close, else ""."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(given.lower(), by_lower, n=1, cutoff=0.6)
    return f", did you mean '{by_lower[close[0]]}'?" if close else ""


def _known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Keys that the model at `loc` below `model` takes."""
    current: Any = model
    for part in loc:
        current = _descend(current, part)
    if not _is_model(current):
        return []
    return [info.alias or name for name, info in current.model_fields.items()]


def _descend(annotation: Any, part: str | int) -> Any:
    """Annotation of what lies under `part`."""
    if _is_model(annotation):
        fields = {info.alias or name: info.annotation for name, info in annotation.model_fields.items()}
        inner = fields.get(str(part))
    else:
        inner = (typing.get_args(annotation) or (None,))[-1]
    if isinstance(inner, types.UnionType) or typing.get_origin(inner) is typing.Union:
        inner = next((a for a in typing.get_args(inner) if a is not types.NoneType), None)
    return inner


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
