"""What people write to answer mails: smtplib, email, jinja2, and an SQLite row set to “sent” and committed per letter.

Usage: python -m tests.benchmarks.letters_script DATABASE PORT ASKED DAY   (ASKED: names of the items, as JSON)
"""

from __future__ import annotations

import json
import smtplib
import sqlite3
import sys
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from jinja2 import Environment, Template

OFFICE = "office@office.example.test"
TEXT = """{{ name }}：

来件已收到。编号：{{ number }}。

收到的材料：
{% for file in files %}{{ loop.index }}. {{ file.name }}（{{ file.item }}）
{% endfor %}
{% if missing %}尚未收到：{{ missing | join("、") }}，请于{{ day }}前报送。
{% else %}材料已收齐。
{% endif %}
收到不代表审核通过。本邮件由系统自动发出，直接回复并附材料即可。
联系人：王示例，电话：0631-0000000
"""
HTML = """<html><body><p>{{ name }}：</p><p>来件已收到。编号：{{ number }}。</p>
<table><tr><th>材料</th><th>类别</th></tr>
{% for file in files %}<tr><td>{{ file.name }}</td><td>{{ file.item }}</td></tr>{% endfor %}</table>
{% if missing %}<p>尚未收到：{{ missing | join("、") }}，请于{{ day }}前报送。</p>
{% else %}<p>材料已收齐。</p>{% endif %}
<p>收到不代表审核通过。本邮件由系统自动发出，直接回复并附材料即可。</p><p>联系人：王示例，电话：0631-0000000</p></body></html>
"""
TABLES = """
CREATE TABLE mail (number PRIMARY KEY, unit, address, name, message_id, sent);
CREATE TABLE file (number, unit, name, item);
CREATE INDEX file_unit ON file (unit);
CREATE INDEX file_number ON file (number);
"""


def main(database: Path, port: int, asked: list[str], day: str) -> dict[str, float]:
    """Answer every mail of the table that has no answer yet; seconds spent on composing and on delivering."""
    environment = Environment(autoescape=False)
    text, html = environment.from_string(TEXT), Environment(autoescape=True).from_string(HTML)
    composing = computing = 0.0
    begun, used = time.perf_counter(), time.process_time()
    rows = sqlite3.connect(database)
    rows.row_factory = sqlite3.Row
    with smtplib.SMTP("127.0.0.1", port) as server:
        for mail in rows.execute("SELECT * FROM mail WHERE sent IS NULL ORDER BY number").fetchall():
            start, cpu = time.perf_counter(), time.process_time()
            letter = compose(rows, mail, text, html, asked, day)
            composing += time.perf_counter() - start
            computing += time.process_time() - cpu
            server.send_message(letter)
            rows.execute("UPDATE mail SET sent = datetime('now') WHERE number = ?", (mail["number"],))
            rows.commit()
    rows.close()
    wall, whole = time.perf_counter() - begun, time.process_time() - used
    return {
        "compose": composing,
        "deliver": wall - composing,
        "compose CPU": computing,
        "deliver CPU": whole - computing,
    }


def compose(
    rows: sqlite3.Connection, mail: sqlite3.Row, text: Template, html: Template, asked: list[str], day: str
) -> EmailMessage:
    """One receipt: what came, what lacks."""
    files = rows.execute("SELECT name, item FROM file WHERE number = ?", (mail["number"],)).fetchall()
    have = {row["item"] for row in rows.execute("SELECT DISTINCT item FROM file WHERE unit = ?", (mail["unit"],))}
    values = {**dict(mail), "files": files, "missing": [item for item in asked if item not in have], "day": day}
    letter = EmailMessage()
    letter["From"], letter["To"] = OFFICE, mail["address"]
    letter["Subject"] = f"【回执】来件已收到（编号 {mail['number']}）"
    letter["Date"], letter["Message-ID"] = formatdate(localtime=True), make_msgid(domain="office.example.test")
    letter["In-Reply-To"] = letter["References"] = mail["message_id"]
    letter["Auto-Submitted"] = "auto-replied"
    letter.set_content(text.render(values))
    letter.add_alternative(html.render(values), subtype="html")
    return letter


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4])))
