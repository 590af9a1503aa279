"""Mails as units send them, small and quick to make; the same number gives the same bytes."""

from __future__ import annotations

from email.message import EmailMessage

from intake.demo import make

UNITS = {
    "WH01": ("环翠区", "huancui@weihai.example.test"),
    "WH02": ("文登区", "wendeng@weihai.example.test"),
    "WH03": ("荣成市", "rongcheng@weihai.example.test"),
    "WH04": ("乳山市", "rushan@weihai.example.test"),
    "WH05": ("高新技术产业开发区", "gaoqu@weihai.example.test"),
    "WH09": ("公安局", "gongan@weihai.example.test"),
    "WH11": ("中心医院", "zhongxinyiyuan@weihai.example.test"),
    "WH13": ("威海供电公司", "gongdian@weihai.example.test"),
}
"""Unit -> what a clerk calls it, and its address in the roster."""
PICTURE = make.jpeg(160, 120)


def unit_mail(which: int, unit: str, to: str, sender: str | None = None, **headers: str) -> bytes:
    """One unit's submission with a picture; `which` makes it unlike every other."""
    name, address = UNITS[unit]
    mail = EmailMessage()
    mail["From"] = sender or address
    mail["To"] = to
    mail["Subject"] = f"{name}报送青年文明号开放周活动图文资料（{which}）"
    mail["Message-ID"] = f"<{which}.{unit.lower()}@weihai.example.test>"
    mail["Date"] = "Mon, 20 Aug 2018 09:00:00 +0800"
    for key, value in headers.items():
        mail[key.replace("_", "-")] = value
    mail.set_content(f"现报送{name}青年文明号开放周活动图文资料第{which}份，请查收。\n联系人：王示例\n")
    if which % 3 == 0:
        mail.add_attachment(
            make.zip_of({f"开放周/活动{which}.jpg": PICTURE}),
            maintype="application", subtype="zip", filename="活动资料.zip",
        )  # fmt: skip
    else:
        mail.add_attachment(PICTURE, maintype="image", subtype="jpeg", filename=f"开放周活动{which}.jpg")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def stray_mail(which: int, to: str) -> bytes:
    """A mail that has nothing to do with any campaign."""
    mail = EmailMessage()
    mail["From"] = f"shop{which}@shop.example.test"
    mail["To"] = to
    mail["Subject"] = f"新品上市 {which}"
    mail["Message-ID"] = f"<stray{which}@shop.example.test>"
    mail.set_content("办公用品八折。\n")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
