"""What must be true after the demo; each thing that is not is one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.ledger.arrivals import Place
from archive.records import Letter
from archive.verify import Damage, verify
from intake.demo.play import Came
from intake.rounds.office import Office

KINDS = frozenset({"receipt", "complete", "shortfall", "neutral", "thanks", "reminder", "overdue"})
MACHINES = frozenset({"machine", "report", "own", "unrelated"})


@dataclass(frozen=True)
class Result:
    """The check: what was wrong (nothing, if all is well), and the damages `verify` found."""

    wrong: tuple[str, ...]
    damages: tuple[Damage, ...]


def check(office: Office, came: Sequence[Came], taken: Sequence[tuple[str, bytes]]) -> Result:
    """came: the mails as they were put into the mailboxes; taken: the letters as the SMTP server got them."""
    letters = {letter.key: letter for letter in office.ledger.letters.outbox()}
    places = office.ledger.arrivals.known([one.sha256 for one in came])
    damages = tuple(verify(office.vault))
    wrong = [
        *_answers(office, came, places, letters),
        *_once(letters.values(), taken),
        *_silence(office, came, places, taken),
    ]
    missing = KINDS - {letter.kind for letter in letters.values() if letter.state in ("sent", "bounced")}
    if missing:
        wrong.append(f"有几种信没有发出：{'、'.join(sorted(missing))}")
    if damages:
        wrong.append(f"档案校验发现 {len(damages)} 处问题：{damages[0].code} {damages[0].object} {damages[0].path}")
    return Result(tuple(wrong), damages)


def _answers(
    office: Office, came: Sequence[Came], places: Mapping[str, Place], letters: Mapping[str, Letter]
) -> Iterator[str]:
    """Every mail got the letter the season says, and every answerable 件 stands in exactly one letter."""
    named = Counter(number for letter in letters.values() if letter.state != "cancelled" for number in letter.numbers)
    for one in came:
        place = places.get(one.sha256)
        where = f"{one.season.campaign} {one.row.at} {one.row.unit or '名册之外'}（{one.row.what.__name__}）"
        if place is None:
            if one.row.letter is not None:
                yield f"{where}：没有归档"
            continue
        decision = office.ledger.decisions.current(place.number)
        if decision is not None and decision.role == "submission" and named[place.number] != 1:
            yield f"{place.number} 写在 {named[place.number]} 封信里，应当正好一封"
        kinds = [letters[key].kind for key in office.ledger.letters.of(place.number)]
        if kinds != ([one.row.letter] if one.row.letter else []):
            yield f"{where}：{place.number} 的答复应为 {one.row.letter or '无'}，实为 {'、'.join(kinds) or '无'}"


def _once(letters: Iterable[Letter], taken: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """What the server got is what the outbox says was sent: each letter once, byte for byte."""
    sent = Counter((letter.to, letter.body) for letter in letters if letter.state in ("sent", "bounced"))
    got = Counter(taken)
    for (to, _), count in (sent - got).items():
        yield f"发往 {to} 的信记为已发，服务器少收到 {count} 封"
    for (to, _), count in (got - sent).items():
        yield f"服务器多收到 {count} 封发往 {to} 的信"


def _silence(
    office: Office, came: Sequence[Came], places: Mapping[str, Place], taken: Sequence[tuple[str, bytes]]
) -> Iterator[str]:
    """Nothing goes to machines, and nothing to strangers whose mail was set aside."""
    answered = {to for to, _ in taken}
    for row in office.ledger.arrivals.asides():
        if row.sender in answered:
            yield f"无关来信的发件人 {row.sender} 收到了信"
    for one in came:
        place = places.get(one.sha256)
        decision = office.ledger.decisions.current(place.number) if place else None
        if decision is not None and decision.role in MACHINES and office.ledger.letters.of(decision.number):
            yield f"{decision.number} 是机器来信，却写了答复"
