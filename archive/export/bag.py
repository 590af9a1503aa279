"""A bag (BagIt, RFC 8493): the campaign by number, in the form archives exchange, checkable by any BagIt tool.

`data/来件/NUMBER/…` is the highest version of each 件 as it lies in the archive. Tag files are UTF-8; payload paths
hold neither line ends nor `%`, so nothing in a manifest needs percent-encoding (section 2.1.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from archive.export.gathering import Gathered, letter_name
from archive.export.order import Order
from archive.export.parcel import Copy, checksums, kept, made, safe

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def export_bag(order: Order) -> None:
    """`--as bag`."""
    found = order.gathered()
    order.deliver(bag(payload(found), about(found), order.day), f"{found.campaign.id}-bag")


def payload(found: Gathered) -> list[Copy]:
    """Everything below data/; `group` is the number of the 件."""
    copies: list[Copy] = []
    letters = {one.number: one.letters for one in found.kept}
    for number, files in sorted([*((one.number, one.files) for one in found.kept), *found.removed]):
        copies += [
            kept(safe(f"来件/{number}/{path}"), lies_at, digest, number) for path, (lies_at, digest) in files.items()
        ]
        copies += [
            made(f"来件/{number}/letters/{letter_name(one)}", one.body, number) for one in letters.get(number, ())
        ]
    return [*copies, *beside(found)]


def beside(found: Gathered) -> Iterator[Copy]:
    """What goes with the 件: other letters, versions, the notice, and a list of what was left out."""
    for letter in found.letters:
        yield made(f"发出信件/{letter_name(letter)}", letter.body)
    names = {"campaigns": "活动文件", "rosters": "名册", "lists": "名单"}
    for one in found.versions:
        yield made(safe(f"{names[one.kind]}/{one.sha256[:16]}/{one.name}"), one.data)
    for path in found.notices:
        yield made(safe(f"通知/{path.name}"), path.read_bytes())
    if found.left_out:
        lines = [f"{one.number}\t{one.why}\r\n" for one in found.left_out]
        yield made("未收入.txt", "".join(["\ufeff编号\t原因\r\n", *lines]).encode())


def bag(copies: Sequence[Copy], about: Iterable[tuple[str, str]], day: date) -> list[Copy]:
    """The bag around a payload. about: further lines of bag-info.txt; day: its Bagging-Date."""
    inside = [Copy(f"data/{one.path}", one.source, one.sha256, one.size, one.group) for one in copies]
    size = sum(one.size for one in inside)
    told = [*about, ("Bagging-Date", day.isoformat()), ("Payload-Oxum", f"{size}.{len(inside)}")]
    info = "".join(f"{label}: {' '.join(value.split())}\n" for label, value in told).encode()
    tags = [
        made("bagit.txt", DECLARATION),
        made("bag-info.txt", info, dated=True),
        made("manifest-sha256.txt", checksums(inside)),
    ]
    return [*inside, *tags, made("tagmanifest-sha256.txt", checksums(tags), dated=True)]


def about(found: Gathered) -> list[tuple[str, str]]:
    """Who and what, as bag-info.txt says it (labels of section 2.2.2)."""
    campaign = found.campaign
    told = [
        ("Source-Organization", campaign.issuer),
        ("External-Description", f"{campaign.title}（{len(found.kept)} 件来件）"),
        ("External-Identifier", campaign.doc_number or campaign.id),
        ("Internal-Sender-Identifier", campaign.id),
    ]
    return [*told, *(("Internal-Sender-Description", f"未收入 {one.number}：{one.why}") for one in found.left_out)]
