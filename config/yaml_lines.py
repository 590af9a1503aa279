"""YAML to plain data that remembers the line of every key and entry; what is wrong is a problem, never an exception.

Only what a clerk needs of YAML: mappings with text keys, lists, text, numbers, true/false, dates. Words like `on`,
`off`, `no` are text (YAML 1.2), and `2018-08-20` is a date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.problems import Problem

Path = tuple[str | int, ...]
"""The way to a value: keys and list positions from 0."""

MAX_DEPTH = 30
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z", re.ASCII)
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}\Z", re.ASCII)
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z", re.ASCII)
_NOTHING = ("", "~", "null", "Null", "NULL")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


@dataclass(frozen=True)
class Document:
    """The plain data of one YAML file and the line (from 1) of every key and list entry."""

    file: str
    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of that value, else of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_yaml(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """The document, or None with the problems. An empty file is a document whose data is None."""
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except RecursionError:
        return None, [Problem(file, None, "yaml-deep")]
    except YAMLError as error:
        return None, [_broken(error, text, file)]
    except Exception as error:  # the parser is known to leak ValueError, IndexError and others on hostile input
        return None, [Problem(file, None, "yaml-broken", {"detail": type(error).__name__})]
    if node is None:
        return Document(file, None, {}), []
    builder = _Builder(file)
    data = builder.value(node, ())
    return (None if builder.problems else Document(file, data, builder.lines)), builder.problems


def _broken(error: YAMLError, text: str, file: str) -> Problem:
    """One problem of a file that is not YAML, with the likeliest cause in a clerk's words."""
    line, detail = None, str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        detail = error.problem or detail
    else:
        position = getattr(error, "position", None)
        if isinstance(position, int):
            line = text.count("\n", 0, position) + 1
    rows = text.splitlines()
    if "\\t" in detail:
        return Problem(file, line, "yaml-tab")
    for at in [line, line - 1] if line is not None else []:
        if 1 <= at <= len(rows) and has_wide_colon(rows[at - 1]):
            return Problem(file, at, "yaml-colon")
    return Problem(file, line, "yaml-broken", {"detail": detail})


def has_wide_colon(row: str) -> bool:
    """Whether a line looks like `key：value`, written with a Chinese colon."""
    return re.match(r"\s*(- )?[A-Za-z_]+\s*：", row) is not None


class _Builder:
    """Walks the node tree once, making data and lines."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def value(self, node: Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if id(node) in self._seen:  # an alias: could grow without end
            self.problems.append(Problem(self.file, line, "yaml-alias"))
            return None
        if len(path) > MAX_DEPTH:
            self.problems.append(Problem(self.file, line, "yaml-deep"))
            return None
        self._seen.add(id(node))
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        return None

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or not str(key_node.value):
                self.problems.append(Problem(self.file, line, "yaml-key"))
                continue
            key = str(key_node.value)
            if key in made:
                first = self.lines[(*path, key)]
                self.problems.append(Problem(self.file, line, "duplicate-key", {"key": short(key), "first": first}))
                continue
            self.lines[(*path, key)] = line
            made[key] = self.value(child, (*path, key))
        return made


def _scalar(node: ScalarNode) -> Any:
    text = str(node.value)
    if node.style is not None:  # quoted or block text is text
        return text
    if text in _NOTHING:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    if day := _DATE.match(text):
        try:
            return date(int(day[1]), int(day[2]), int(day[3]))
        except ValueError:
            return text
    return text


def short(value: object, limit: int = 40) -> str:
    """A value as one short line for a sentence."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
