"""What pydantic finds wrong, said as problems with file and line in a clerk's words."""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from config.problems import Problem
from config.yaml_lines import Document, Path, has_wide_colon, short

M = TypeVar("M", bound=BaseModel)


def build(model: type[M], document: Document) -> tuple[M | None, list[Problem]]:
    """The value, or None with every problem at once. A key left empty (`key:`) counts as not written."""
    data = document.data if document.data is not None else {}
    if not isinstance(data, dict):
        wide = isinstance(data, str) and has_wide_colon(data)
        return None, [Problem(document.file, 1, "yaml-colon" if wide else "not-mapping", {"key": document.file})]
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        errors: list[Any] = [e for e in error.errors(include_url=False) if not _echo(e)]
    empty = [
        path for path in (_path(data, e["loc"]) for e in errors if e["type"] != "extra_forbidden") if _empty(data, path)
    ]
    if empty:
        return build(model, Document(document.file, _without(data, empty), document.lines))
    found: dict[tuple[Path, str], Problem] = {}
    for problem_of in errors:
        path = _path(data, problem_of["loc"])
        problem = _problem(model, document, path, problem_of)
        # a union reports one error a member; the first is enough for one place
        place = (*path, problem_of["loc"][-1]) if problem_of["type"] in ("missing", "extra_forbidden") else path
        found.setdefault((place, ""), problem)
    return None, sorted(found.values(), key=lambda p: (p.line or 0, p.code))


def _echo(error: Any) -> bool:
    """A list of which every entry is faulty is also called too short; that is no problem of its own."""
    return bool(error["type"] == "too_short") and len(error["input"]) >= error["ctx"]["min_length"]


def _path(data: Any, loc: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that stands in the data (it also names union members)."""
    path: list[str | int] = []
    for step in loc:
        inside_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        inside_dict = isinstance(data, dict) and step in data
        if inside_list or inside_dict:
            data = data[step]
            path.append(step)
    return tuple(path)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _empty(data: Any, path: Path) -> bool:
    return bool(path) and isinstance(path[-1], str) and _at(data, path) is None


def _without(data: Any, gone: list[Path], path: Path = ()) -> Any:
    if isinstance(data, dict):
        return {k: _without(v, gone, (*path, k)) for k, v in data.items() if (*path, k) not in gone}
    if isinstance(data, list):
        return [_without(v, gone, (*path, index)) for index, v in enumerate(data)]
    return data


def where(path: Path) -> str:
    """A path in words of the file: `items[2].rules[1].min`, counted from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


_NUMBER = ("int_", "float_", "finite_")
_DATES = ("date_", "datetime_", "time_", "timezone_")
_RANGE = {"greater_than_equal": "≥ {ge}", "greater_than": "> {gt}", "less_than_equal": "≤ {le}", "less_than": "< {lt}"}
_LISTS = ("tuple_type", "list_type", "set_type")
_MAPPINGS = ("model_type", "model_attributes_type", "dict_type")


def _problem(model: type[BaseModel], document: Document, path: Path, error: Mapping[str, Any]) -> Problem:
    kind, context = str(error["type"]), error.get("ctx") or {}
    last = str(error["loc"][-1]) if error["loc"] else ""
    value = short(error["input"])
    line = document.line(path)

    def say(code: str, **params: object) -> Problem:
        return Problem(document.file, line, code, {"key": where(path) or document.file, **params})

    if kind == "extra_forbidden":
        return _unknown(say, last, known_keys(model, error["loc"][:-1]))
    if kind == "missing":
        return say("missing-key", key=where((*path, last)))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_check(say, path, kind, context)
    if kind == "literal_error":
        return say("not-one-of", value=value, known=str(context.get("expected", "")).replace(" or ", ", "))
    if kind == "string_type":
        number = isinstance(error["input"], int | float) and not isinstance(error["input"], bool)
        return say("number-not-text" if number else "not-text", value=value)
    if kind in _RANGE:
        return say("number-range", value=value, bound=_RANGE[kind].format(**context))
    return _plain(say, kind, value, context, str(error["msg"]))


def _plain(say: Any, kind: str, value: str, context: Mapping[str, Any], message: str) -> Problem:
    problem: Problem
    if kind.startswith(_DATES):
        problem = say("not-date", value=value)
    elif kind.startswith(_NUMBER):
        problem = say("not-number", value=value)
    elif kind.startswith("bool_"):
        problem = say("not-yes-no", value=value)
    elif kind in _LISTS:
        problem = say("not-list")
    elif kind in _MAPPINGS:
        problem = say("not-mapping")
    elif kind == "calendar_span":
        problem = say("not-day-or-span", value=value)
    elif kind == "too_short":
        problem = say("empty-list")
    elif kind == "string_pattern_mismatch":
        problem = say("bad-form", value=value, pattern=context.get("pattern", ""))
    else:
        problem = say("bad-value", value=value, detail=short(message, 80))
    return problem


def _unknown(say: Any, key: str, known: list[str]) -> Problem:
    like = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    problem: Problem = (
        say("unknown-key-like", key=short(key), like=like[0])
        if like
        else say("unknown-key", key=short(key), known=", ".join(known))
    )
    return problem


def _unknown_check(say: Any, path: Path, kind: str, context: Mapping[str, Any]) -> Problem:
    problem: Problem
    if kind == "union_tag_not_found":
        problem = say("missing-key", key=where((*path, "check")))
        return problem
    value = short(context.get("tag", ""))
    known = [name.strip(" '") for name in str(context.get("expected_tags", "")).split(",")]
    like = difflib.get_close_matches(value.lower(), known, n=1, cutoff=0.6)
    if like:
        problem = say("unknown-check-like", value=value, like=like[0])
    else:
        problem = say("unknown-check", value=value, known=", ".join(known))
    return problem


def known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys the language knows at a pydantic location; empty when the place takes any key."""
    places: list[Any] = [model]
    for step in loc:
        places = [found for place in places for found in _step(place, step)]
    models = [m for place in places for m in _models(place)]
    return sorted({name for m in models for name in m.model_fields})


def _step(place: Any, step: int | str) -> list[Any]:
    place, arguments = _bare(place)
    if isinstance(place, type) and issubclass(place, BaseModel):
        field = place.model_fields.get(str(step))
        if field is not None:
            return [field.annotation]
        return [place]  # the name of a union member
    if place in (tuple, list):
        return [arguments[0]]
    if place is dict:
        return [arguments[1]]
    if place in (Union, types.UnionType):
        tagged = [m for m in _models(place if not arguments else Union[arguments]) if _tag(m) == step]  # noqa: UP007 - built at run time
        return tagged or [found for member in arguments for found in _step(member, step)]
    return []


def _bare(place: Any) -> tuple[Any, tuple[Any, ...]]:
    """Origin and arguments of an annotation, without its Annotated wrapping."""
    if get_origin(place) is Annotated:
        place = get_args(place)[0]
    return get_origin(place) or place, get_args(place)


def _models(place: Any) -> list[type[BaseModel]]:
    origin, arguments = _bare(place)
    if origin in (Union, types.UnionType):
        return [m for member in arguments for m in _models(member)]
    return [origin] if isinstance(origin, type) and issubclass(origin, BaseModel) else []


def _tag(model: type[BaseModel]) -> str | None:
    """The `check` a rule class answers to."""
    field = model.model_fields.get("check")
    return str(get_args(field.annotation)[0]) if field is not None else None
