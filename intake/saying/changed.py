"""What a letter told, kept beside it, and what of it no longer holds after a correction or an amended rule. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from intake.saying.faults import Context, faults_now
from intake.saying.wording import clean, file_name, groups, inner


@dataclass(frozen=True)
class Changed:
    """lines: one Chinese sentence for each thing that was told otherwise. faults: whether there is more to mend."""

    lines: tuple[str, ...]
    faults: bool

    def __bool__(self) -> bool:
        return bool(self.lines) or self.faults


def said(context: Context) -> dict[str, Any]:
    """What an answer tells that may later turn out otherwise: the unit, what each file was taken for, the faults.

    `files`: NUMBER/PATH → [name, item or "none" or None, category, label]; `faults`: [item, code, number, path, name,
    text]. Plain JSON data.
    """
    unit, listed = context.unit, context.checklist
    files: dict[str, list[str | None]] = {}
    for held in context.held:
        for group in groups(held, context.campaign, unit.code if unit else None):
            for piece in group.pieces:
                choice = held.decision.piece(piece.path)
                item = "none" if choice is not None and choice.none else choice.item if choice is not None else None
                category = choice.category if choice is not None else None
                files[f"{group.number}/{piece.path}"] = [file_name(piece), item, category, group.label]
    faults = [] if listed is None else faults_now(context, listed)
    found = [
        [fault.item, fault.finding.code, fault.finding.number, fault.finding.piece, fault.name, fault.text]
        for fault in faults
    ]
    return {"unit": [unit.code, unit.name] if unit else None, "files": files, "faults": found}


def changed(told: Mapping[str, Any], now: Mapping[str, Any], mended: Collection[str]) -> Changed:
    """What the letter that told `told` must be corrected in, when `now` holds.

    mended: items of which something newer came, so that a fault that is gone was mended, not told wrongly.
    """
    was, is_ = _faults(told), _faults(now)
    gone, fresh = Counter(was.keys()) - Counter(is_.keys()), Counter(is_.keys()) - Counter(was.keys())
    lines = []
    if told.get("unit") and now.get("unit") and told["unit"][0] != now["unit"][0]:
        lines.append(f"报送单位由“{told['unit'][1]}”更正为“{now['unit'][1]}”。")
    if told.get("unit"):
        lines += _registered_otherwise(told["files"], now["files"])
        lines += [
            f"此前告知的“{inner(clean(was[key], 120))}”一处，经复核无需补报。" for key in gone if key[0] not in mended
        ]
    return Changed(tuple(lines), bool(fresh))


def _faults(said: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """Key of each fault (with its place among those alike) → how it was told."""
    seen: Counter[tuple[str, ...]] = Counter()
    found: dict[tuple[str, ...], str] = {}
    for item, code, number, piece, name, text in said.get("faults", ()):
        key = (item, code, number or "", piece or "")
        seen[key] += 1
        found[(*key, str(seen[key]))] = f"{name}：{text}" if name not in text else text
    return found


def _registered_otherwise(was: Mapping[str, Any], is_: Mapping[str, Any]) -> list[str]:
    """Files that were told to be one thing and are another; what was left to staff then is no correction now."""
    lines = []
    for key, (name, item, category, label) in was.items():
        _, now_item, now_category, now_label = is_.get(key, (name, None, None, ""))
        other = now_item != item or bool(category and now_category and now_category != category)
        if item is not None and now_item is not None and other:
            lines.append(f"《{name}》由“{inner(label)}”更正为“{inner(now_label)}”。")
    return lines
