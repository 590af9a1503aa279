"""An office whose mails really lie in its vault: built once, copied for each test."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from intake.rounds.importing import Order, import_paths
from intake.rounds.record import record_one
from intake.service import drain, open_office
from tests.unit.intake.daily_office import Clock, at, furnish, settings

NOW = at("2018-08-10T10:00")
PLACES = [f"town/2018/TN2018-000{digit}" for digit in (1, 2, 3)]


def mail_of(unit: str, secret: bool = False) -> bytes:
    """A mail of that unit with two files; secret: one of them bears a mark."""
    mail = EmailMessage()
    mail["From"] = f"{unit.lower()}@town.example.test"
    mail["To"] = "baosong@town.example.test"
    mail["Subject"] = "活动材料"
    mail["Message-ID"] = f"<{unit}@town.example.test>"
    mail["Date"] = "Fri, 10 Aug 2018 09:00:00 +0800"
    mail.set_content("材料见附件。")
    mail.add_attachment((f"{unit}的活动总结。" * 40).encode(), "text", "plain", filename="总结.txt")
    if secret:
        mail.add_attachment("机密★1年\n内部名单\n".encode(), "text", "plain", filename="名单.txt")
    return mail.as_bytes()


def build(home: Path) -> None:
    """Three mails in the vault, the second corrected, the third discarded, everything recorded; a second copy named."""
    furnish(home, settings(second_copy="../second"))
    for unit in ("TN01", "TN02", "TN03"):
        (home.parent / f"{unit}.eml").write_bytes(mail_of(unit))
    clock = Clock(NOW)
    with open_office(home, clock) as office:
        paths = [home.parent / f"{unit}.eml" for unit in ("TN01", "TN02", "TN03")]
        import_paths(office, paths, Order("town-2018", None, NOW, "mail", who="王"))
        office.ledger.decisions.decide("TN2018-0002", lambda d: replace(d, unit="TN02"), NOW, "王", "更正")
        office.ledger.decisions.decide("TN2018-0003", lambda d: replace(d, discarded=True), NOW, "李", "误发")
        drain(lambda: record_one(office))
