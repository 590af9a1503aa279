"""The digest as words: HTML that prints on A4, and the same as plain text. Pure."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from config.workdays import ZONE
from intake.daily.parts import Table
from intake.digest import Digest
from intake.letters import Words
from intake.saying.wording import chinese_time

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
TO_WRITE_ON = "＿＿＿＿＿＿＿＿"

_templates = Environment(
    loader=PackageLoader("intake", "templates"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def words(digest: Digest) -> Words:
    """The digest's subject, plain text and HTML; both say the same."""
    values = {"digest": digest, "numerals": NUMERALS, "as_of": chinese_time(digest.now, ZONE), "entry": _entry}
    text = _templates.get_template("digest.txt.j2").render(values)
    html = _templates.get_template("digest.html.j2").render(values)
    return Words(digest.subject, text, html)


def _entry(table: Table, row: tuple[str, ...]) -> str:
    """One row in one line: its first value, then each further one behind its column's name."""
    named = [
        f"{head}：{value.replace(chr(10), '，') or TO_WRITE_ON}"
        for head, value in zip(table.heads[1:], row[1:], strict=True)
    ]
    return "　".join((row[0].replace("\n", "，"), *named))
