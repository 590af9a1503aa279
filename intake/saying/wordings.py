"""The wording in force for one campaign: an office's own templates over the shipped ones. Pure once it is read.

An own template is named like ours (`receipt.txt.j2`); it runs in a sandbox. One that is broken is never used: the
shipped template speaks instead, and whoever asks is told what is wrong, with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from jinja2 import DictLoader, Environment, PackageLoader, StrictUndefined, TemplateError, meta, select_autoescape
from jinja2.exceptions import TemplateSyntaxError
from jinja2.loaders import ChoiceLoader
from jinja2.sandbox import SandboxedEnvironment

_EVERY = frozenset({"salutation", "you", "about"})
_NOTES = frozenset({"announced", "links", "late", "undeclared", "review"})
_ANSWER = _EVERY | _NOTES | {
    "faults", "changes", "claimed", "open", "earlier", "mend_by", "keep", "whole_again", "all_here",
}  # fmt: skip
_DATED = _EVERY | {"deadline", "several", "as_of", "faults", "lacking"}
VALUES: Mapping[str, frozenset[str]] = {
    "receipt": _ANSWER,
    "complete": _ANSWER,
    "shortfall": _ANSWER,
    "change": _ANSWER,
    "neutral": _EVERY | _NOTES,
    "thanks": _EVERY | _NOTES | {"faults"},
    "reminder": _DATED,
    "overdue": _DATED,
    "deadline": _EVERY | {"reason", "as_of", "open"},
    "problem": _EVERY | {"number", "received", "problems"},
    "base": frozenset({"subject", "parts", "signature", "foot"}),
}
"""Template → the values it may use; the pieces that several include (notes, open, changes) may use those of answers."""
TABLES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("receipt", "complete", "shortfall", "change"), frozenset({"files", "faults"})),
    **dict.fromkeys(("neutral", "thanks"), frozenset({"files"})),
    **dict.fromkeys(("reminder", "overdue"), frozenset({"wanted", "faults"})),
    "deadline": frozenset({"moved"}),
}
"""Template → the tables it may place by a line that is only @name@."""
PIECES = ("notes", "open", "changes")
_PLACE = re.compile(r"^@(.*?)@?\s*$")


def _environment(sources: Mapping[str, str]) -> Environment:
    return SandboxedEnvironment(
        loader=ChoiceLoader([DictLoader(dict(sources)), PackageLoader("intake", "templates")]),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_OURS = _environment({})


@dataclass(frozen=True)
class Broken:
    """One own template that is not used: its file below the home, the line where known, what is wrong (Chinese)."""

    file: str
    line: int | None
    why: str

    def __str__(self) -> str:
        return f"{self.file}{f' 第{self.line}行' if self.line else ''}：{self.why}"


@dataclass(frozen=True)
class Wording:
    """The templates of one campaign. own: name (`receipt.txt.j2`) → source; files: name → where it stands."""

    own: Mapping[str, str] = field(default_factory=dict, hash=False)
    files: Mapping[str, str] = field(default_factory=dict, hash=False)
    broken: tuple[Broken, ...] = ()
    _environment: Environment = field(default=_OURS, hash=False, compare=False, repr=False)

    def render(self, name: str, values: Mapping[str, object]) -> tuple[str, Broken | None]:
        """The template's text; when the office's own fails on these values, ours and what was wrong."""
        if self.own:
            try:
                text = self._environment.get_template(name).render(values)
                if text.strip():
                    return text, None
                wrong = Broken(self.files.get(name, name), None, "没有写出任何内容")
            except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, OverflowError) as error:
                wrong = Broken(self.files.get(name, name), None, _plainly(error))
            return _OURS.get_template(name).render(values), wrong
        return _OURS.get_template(name).render(values), None

    def used_for(self, template: str) -> tuple[str, ...]:
        """Names of the own templates that a letter of this template may use, sorted."""
        mine = (f"{template}.txt.j2", "base.html.j2", *(f"{piece}.txt.j2" for piece in PIECES))
        return tuple(sorted(name for name in self.own if name in mine))

    def digest(self, template: str) -> str | None:
        """SHA-256 over the own templates such a letter uses; None when it speaks our wording."""
        names = self.used_for(template)
        parts = "\0".join(f"{name}\0{self.own[name]}" for name in names)
        return sha256(parts.encode()).hexdigest() if names else None


SHIPPED = Wording()


def wording(sources: Mapping[str, tuple[str, str]]) -> Wording:
    """The wording of own templates: name → (file, source). Broken ones are left out and named."""
    broken = tuple(found for name, (file, text) in sources.items() for found in problems_of(name, file, text))
    bad = {found.file for found in broken}
    good = {name: (file, text) for name, (file, text) in sources.items() if file not in bad}
    own = {name: text for name, (_, text) in good.items()}
    return Wording(own, {name: file for name, (file, _) in good.items()}, broken, _environment(own))


def problems_of(name: str, file: str, source: str) -> list[Broken]:
    """What is wrong with one own template, with its line: the name, the syntax, a value or a table it may not use."""
    template = name.removesuffix(".j2").removesuffix(".txt").removesuffix(".html")
    known = {**dict.fromkeys(PIECES, _ANSWER), **VALUES}
    if template not in known or name != f"{template}.{'html' if template == 'base' else 'txt'}.j2":
        return [
            Broken(file, None, f"没有这种信，可用：{'、'.join(f'{one}.txt.j2' for one in VALUES if one != 'base')}")
        ]
    if "\ufffd" in source:
        return [Broken(file, None, "不是 UTF-8 编码，请另存为 UTF-8")]
    try:
        tree = _OURS.parse(source)
    except TemplateSyntaxError as error:
        return [Broken(file, error.lineno, f"模板语法有误（{error.message}）")]
    lines = source.splitlines()
    wrong = [
        Broken(file, _line(lines, value), f"没有“{value}”这个值，可用：{'、'.join(sorted(known[template]))}")
        for value in sorted(meta.find_undeclared_variables(tree) - known[template])
    ]
    missing = [one for one in meta.find_referenced_templates(tree) if one not in _OURS.list_templates()]
    wrong += [Broken(file, _line(lines, str(one)), f"引用的“{one}”不存在") for one in missing]
    tables = TABLES.get(template, frozenset())
    for number, line in enumerate(lines, start=1):
        place = _PLACE.match(line)
        if place and template != "base" and place.group(1) not in tables:
            can = "、".join(f"@{one}@" for one in sorted(tables)) or "（无）"
            wrong.append(Broken(file, number, f"没有“{line.strip()}”这个表，可用：{can}"))
    return wrong


def _line(lines: list[str], word: str) -> int | None:
    return next((number for number, line in enumerate(lines, start=1) if word in line), None)


def _plainly(error: Exception) -> str:
    return f"写信时出错（{type(error).__name__}：{str(error)[:120]}）"
