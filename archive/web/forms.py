"""Forms made from the values of `config`: a page for everything a campaign file can say, and back to plain data. Pure.

A field's name in the form is the way to it in the file: `items.0.rules.2.min`.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from archive.web.labels import CHOICES, LABELS

Data = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One field. kind: text | long | number | date | time | tick | choice | lines | group | list.

    value: as the form shows it. options: (value, label) of a choice. parts: the fields of a group; entries: the groups
    of a list, each with its own name. kinds: what may be added to a list ("" = there is only one kind).
    """

    name: str
    label: str
    kind: str
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    parts: tuple[Field, ...] = ()
    entries: tuple[Field, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    needed: bool = False


LONG = ("quote", "confirm", "question", "says", "addressed")
"""Fields that hold a sentence."""


def fields(model: type[BaseModel], data: Mapping[str, Any], prefix: str = "") -> tuple[Field, ...]:
    """The form of a value; `data` is what the file says, faults and all."""
    return tuple(
        _field(info.annotation, data.get(name), f"{prefix}{name}", name, info.is_required())
        for name, info in model.model_fields.items()
        if name != "check"
    )


def _field(annotation: Any, value: Any, name: str, key: str, needed: bool) -> Field:
    inner, many = _inner(annotation)
    label = LABELS.get(key, key)
    models = _models(inner)
    if models and many:
        listed = value if isinstance(value, list) else []
        entries = tuple(_entry(models, one, f"{name}.{place}") for place, one in enumerate(listed))
        kinds = tuple((tag, CHOICES.get(tag, tag)) for tag in models) if len(models) > 1 else (("", ""),)
        return Field(name, label, "list", entries=entries, kinds=kinds, needed=needed)
    if models:
        only = next(iter(models.values()))
        return Field(name, label, "group", parts=fields(only, _mapping(value), f"{name}."), needed=needed)
    if many:
        shown = "\n".join(str(each) for each in value) if isinstance(value, (list, tuple)) else _shown(value)
        return Field(name, label, "lines", shown, needed=needed)
    if inner is bool:
        return Field(name, label, "tick", "true" if value in (True, "true") else "")
    if get_origin(inner) is Literal:
        options = tuple((str(one), CHOICES.get(str(one), str(one))) for one in get_args(inner))
        return Field(name, label, "choice", _shown(value), options, needed=needed)
    kind = {int: "number", float: "number", time: "time", date: "date"}.get(inner, "long" if key in LONG else "text")
    return Field(name, label, kind, _shown(value), needed=needed)


def _entry(models: Mapping[str, type[BaseModel]], value: Any, name: str) -> Field:
    said = _mapping(value)
    tag = str(said.get("check", "")) if len(models) > 1 else ""
    model = models.get(tag, next(iter(models.values())))
    label = CHOICES.get(tag, "") or str(said.get("name") or said.get("id") or said.get("question") or "")
    return Field(name, label, "group", tag, parts=fields(model, said, f"{name}."))


def _inner(annotation: Any) -> tuple[Any, bool]:
    """What is inside Optional, Annotated and tuple[…, ...], and whether there may be several."""
    if get_origin(annotation) is Annotated:
        return _inner(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        if all(isinstance(one, type) and issubclass(one, BaseModel) for one in rest) and len(rest) > 1:
            return annotation, False
        if set(rest) & {date, datetime}:
            return str, False  # a day or a moment: typed as text
        return _inner(rest[0]) if len({_inner(one) for one in rest}) == 1 or len(rest) == 1 else (str, False)
    if get_origin(annotation) is tuple:
        return _inner(get_args(annotation)[0])[0], True
    return annotation, False


def _models(inner: Any) -> dict[str, type[BaseModel]]:
    """Tag → class, for a class or a union of classes told apart by `check`."""
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return {"": inner}
    if get_origin(inner) in (Union, types.UnionType):
        found = [one for one in get_args(inner) if isinstance(one, type) and issubclass(one, BaseModel)]
        return {str(get_args(one.model_fields["check"].annotation)[0]): one for one in found}
    return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


# --- back


def read(form: Sequence[tuple[str, str]], shape: Sequence[Field]) -> Data:
    """Plain data from what was sent: what was left empty is not written. shape: the fields as they were shown."""
    sent: dict[str, str] = {}
    for name, value in form:
        sent.setdefault(name, value)
    return dict(_read(sent, shape))


def _read(sent: Mapping[str, str], shape: Sequence[Field]) -> Iterator[tuple[str, Any]]:
    for one in shape:
        key = one.name.rpartition(".")[2]
        value = _value(sent, one)
        if value not in (None, "", [], {}):
            yield key, value


def _value(sent: Mapping[str, str], one: Field) -> Any:
    text = sent.get(one.name, "").replace("\r\n", "\n").strip()
    if one.kind == "group":
        return dict(_read(sent, one.parts))
    if one.kind == "list":
        return [_tagged(sent, each) for each in one.entries]
    if one.kind == "lines":
        return [_scalar(line.strip()) for line in text.split("\n") if line.strip()]
    if one.kind == "tick":
        return True if text else None
    return _scalar(text) if one.kind in ("number", "date", "text") else text


def _tagged(sent: Mapping[str, str], entry: Field) -> Data:
    said = dict(_read(sent, entry.parts))
    return {"check": entry.value, **said} if entry.value else said


def _scalar(text: str) -> Any:
    """As the file would say it: whole numbers, numbers and days are such, all else is text."""
    for kind in (int, float, date.fromisoformat):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def changed(data: Data, act: str, name: str, kind: str = "") -> Data:
    """The data after `add` to the list of that name, or `remove`, `up` of the entry of that name."""
    way: list[str | int] = [int(step) if step.isdigit() else step for step in name.split(".")]
    place: Any = data
    for step in way[:-1]:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    last = way[-1]
    if act == "add" and isinstance(last, str):
        place.setdefault(last, []).append({"check": kind} if kind else {})
    elif act == "remove" and isinstance(last, int):
        del place[last]
    elif act == "up" and isinstance(last, int) and last > 0:
        place[last - 1], place[last] = place[last], place[last - 1]
    return data
