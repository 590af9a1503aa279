"""Who sent this and for which campaign: evidence with points, a decision only above a bar and with a margin.

The order of what is believed: a number or letter of ours that is quoted; a known address; 报送单位 in a table's header;
names in subject, archive, folder and file names, titles; body, signature, sender's name; the address's domain.
Where a careful clerk would ask, nothing is decided and the guesses are ranked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from archive.judging.applicants import LONG_ENOUGH
from archive.judging.spelling import fold
from archive.records import Evidence, Guess, Mail, Piece, Role
from config.campaign import Campaign
from config.roster import Unit
from intake.clues.announce import asks, withdraws
from intake.clues.business import OtherBusiness, names_of, other_business
from intake.clues.cases import columns_share
from intake.clues.furniture import is_material
from intake.clues.namings import INSIDE
from intake.clues.parts import Parts, units_of_pieces
from intake.clues.profiles import profiles
from intake.clues.reading import Reading
from intake.clues.roles import role_of
from intake.clues.speech import speaks_for
from intake.clues.units import (
    DOMAIN,
    OUR_NUMBER,
    QUOTED,
    ROSTER,
    SAYING,
    Prepared,
    Tally,
    addresses,
    decide_unit,
    leaves_open,
    prepare,
    units_in,
)
from intake.known import Collectives, Known

CAMPAIGN_BAR, CAMPAIGN_MARGIN = 15.0, 10.0
ASTRAY, NOBODY_HERE = 20.0, 5.0
"""Points by which another mailbox's campaign must lead this mailbox's own; where nobody of its roster is named."""
NEARLY = 10.0
"""Points from which a mail that brings files is of the one campaign that has them, though a person must say whose."""
OURS = 0.75
"""The share of a table's columns from which it is one that the campaign asks for, whatever else the mail speaks of."""
_ASKING = re.compile(r"请问|想问|问一下|问下|请教")
_OF_A_UNIT = frozenset({"campaign-roster", "campaign-unit", "campaign-number"})
_SENT = re.compile(r"报送|上报|提交|材料|总结|照片|图片|作品|视频")
_TELLS_NOTHING = re.compile(
    r"报送|上报|材料|附件|文件|资料|请?查收|如题|见附件|无主题|新建|文件夹|文档|microsoft|word|excel|工作表|压缩包|照片|图片|视频|微信图片|qq图片"
    r"|您?你?好|老师|领导|谢谢|发送|发自我的|iphone|手机|img|dscn?|mmexport|wechat|vid|pic|photo|image|[a-z]?[\W\d_]+"
)
"""Words that say nothing of whose a file is and what for."""


@dataclass(frozen=True)
class Identity:
    """Who and what for. unit and campaign None = a person must say; guesses are ranked, best first."""

    role: Role
    campaign: str | None
    unit: str | None
    confidence: float
    evidence: tuple[Evidence, ...]
    guesses: tuple[Guess, ...]
    known_address: bool


def identify(mail: Mail, pieces: tuple[Piece, ...], mailbox: str, known: Known) -> Identity:
    """Role, campaign and unit of one person's mail that came into `mailbox` (its name in the settings).

    "" for `mailbox` weighs every campaign: what came by another channel.

    A mail with neither a known address nor evidence of a campaign is `unrelated`. See the module for the order of
    evidence and BAR, MARGIN for when a unit is decided.
    """
    reading = Reading(mail, pieces)
    running = [prepare(one) for one in known.campaigns if not mailbox or mailbox in one.campaign.mailboxes]
    tallies, weights = _weighed(reading, running, known)
    strays = _gone_astray(reading, running, weights, known) if mailbox else {}
    if strays:
        running = [one for one, _, _ in strays.values()]
        tallies = {id: tally for id, (_, tally, _) in strays.items()}
        weights = {id: said for id, (_, _, said) in strays.items()}
    asked_of = tuple(one.campaign for one in running)
    related = [id for id, each in weights.items() if sum(e.points for e in each) >= CAMPAIGN_BAR]
    quoted = any(each.kind == "campaign-number" for found in weights.values() for each in found)
    stranger = not any(tallies.values()) and not any(_address_known(reading, one, known) for one in running)
    other = None if quoted else _other_business(reading, pieces, asked_of, stranger)
    if other and not other.in_doubt:
        said = Evidence("other-business", f"是别的业务：{other.words}")
        return Identity("unrelated", None, None, 0.0, (said,), _guesses(tallies, None), False)
    if not related:
        spoken_for = [id for id, each in weights.items() if sum(e.points for e in each) >= NEARLY]
        return _unrelated(reading, pieces, running, _guesses(tallies, None), spoken_for, other is not None)
    campaign = _decide_campaign({id: sum(e.points for e in weights[id]) for id in related})
    chosen = next((one for one in running if one.campaign.id == campaign), None)
    unit, confidence, evidence = (None, 0.0, []) if chosen is None else decide_unit(tallies[chosen.campaign.id])
    if unit is not None and leaves_open(mail) and not any(each.kind in ("address", "number") for each in evidence):
        unit, confidence = None, 0.0
        evidence = [*evidence, Evidence("undecided", "来信自己说不清楚归哪个单位", 0.0)]
    several = parts_of(pieces, known, campaign)
    if chosen and several and _speaks_of_several(several, unit, tallies[chosen.campaign.id]):
        unit, confidence = None, 0.0
        evidence = [*evidence, Evidence("several", f"几个单位合报的材料：{_called(several, known, campaign)}")]
    if chosen and unit is None:
        evidence = [*evidence, *_of_a_collective(reading, known.collectives(chosen.campaign.id), chosen, tallies)]
    reasons = list(evidence) + (weights[campaign] if campaign else [])
    if strays:
        reasons.append(Evidence("other-mailbox", "寄到了别的活动的邮箱，来信说的是本活动", 0.0))
    is_known = quoted or any(_address_known(reading, one, known) for one in running)
    spoken = any(each.kind == "campaign-words" for id in related for each in weights[id])
    asked = tuple(one.campaign for one in running if one.campaign.id in related)
    role, why = role_of(mail, pieces, asked, is_known, is_known or unit is not None, spoken)
    if other and role == "submission":
        role, why = "query", [*why, Evidence("other-business", f"可能是别的业务：{other.words}")]
    confirmed = chosen is not None and unit is not None and _confirmed(reading, chosen, known, unit)
    guesses = () if unit else _guesses({id: tallies[id] for id in related}, campaign)
    return Identity(role, campaign, unit, confidence, (*reasons, *why), guesses, confirmed)


def _weighed(
    reading: Reading, running: list[Prepared], known: Known
) -> tuple[dict[str, dict[str, Tally]], dict[str, list[Evidence]]]:
    """Campaign id → the units' points, and → what speaks for the campaign."""
    tallies = {one.campaign.id: units_in(reading, one, known) for one in running}
    weights = {one.campaign.id: _campaign(reading, one, known, tallies[one.campaign.id]) for one in running}
    if any(one.campaign.status == "open" for one in running):
        for one in running:  # the next time's, drafted from the one that still runs, yields to it
            if one.campaign.status == "draft" and weights[one.campaign.id]:
                weights[one.campaign.id].append(Evidence("campaign-draft", "活动还在起草", -10.0))
    return tallies, weights


def _gone_astray(
    reading: Reading, running: list[Prepared], weights: Mapping[str, list[Evidence]], known: Known
) -> dict[str, tuple[Prepared, dict[str, Tally], list[Evidence]]]:
    """Open campaigns of other mailboxes that the mail plainly speaks of, far more than of this mailbox's own.

    Plainly: by its words or our number, and by a unit or an address on its roster. With the units' points and what
    speaks for the campaign.
    """
    here = {one.campaign.id for one in running}
    best = max((sum(each.points for each in found) for found in weights.values()), default=0.0)
    named = {each.kind for found in weights.values() for each in found} & _OF_A_UNIT
    bar = max(best + (ASTRAY if named else NOBODY_HERE), CAMPAIGN_BAR)
    others = [one for one in known.campaigns if one.campaign.id not in here and one.campaign.status == "open"]
    found = {}
    for one in map(prepare, others):
        tally = units_in(reading, one, known)
        said = _campaign(reading, one, known, tally)
        kinds = {each.kind for each in said}
        plain = "campaign-number" in kinds or ("campaign-words" in kinds and kinds & _OF_A_UNIT)
        if plain and sum(each.points for each in said) >= bar:
            found[one.campaign.id] = (one, tally, said)
    return found


def _of_a_collective(
    reading: Reading, names: Collectives, one: Prepared, tallies: Mapping[str, dict[str, Tally]]
) -> list[Evidence]:
    """A 集体 that writes by itself is proposed to the unit whose tables name it; that decides nothing."""
    said = "\n".join([fold(reading.mail.sender_name), *(place.text for place in reading.campaign_places)])
    found = []
    for key, (name, code, where) in names.items():
        if len(key) >= LONG_ENOUGH and key in said:
            text = f"提到的集体“{name}”在{one.roster.unit(code).name}的{where}里，可能由其归口"
            tallies[one.campaign.id].setdefault(code, Tally()).add("collective", text, 20.0, INSIDE)
            found.append(Evidence("collective", text, 20.0))
    return found


def _other_business(
    reading: Reading, pieces: tuple[Piece, ...], campaigns: tuple[Campaign, ...], stranger: bool
) -> OtherBusiness | None:
    ours = any(columns_share(piece, each) >= OURS for one in campaigns for each in profiles(one) for piece in pieces)
    return other_business(reading.campaign_places, campaigns, asks(reading.mail) is not None, ours, stranger)


def _unrelated(
    reading: Reading,
    pieces: tuple[Piece, ...],
    running: list[Prepared],
    guesses: tuple[Guess, ...],
    nearly: list[str],
    is_other: bool,
) -> Identity:
    """A mail without enough evidence of a campaign.

    Files that come without a word, that name what is asked, or a unit and that they are sent, are kept and asked about.
    """
    materials = [piece for piece in pieces if is_material(piece, pieces) and not piece.inline]
    words = "\n".join(place.text for place in reading.campaign_places)
    named = any(name in words for one in running for name in names_of(one.campaign))
    sent = bool(guesses) and bool(_SENT.search(words))
    silent = not _TELLS_NOTHING.sub("", "\n".join([words, *reading.files]))
    if running and materials and not is_other and (named or sent or silent):
        why = Evidence("no-words", "附有文件，但没有说清是谁的、报什么的")
        return Identity("submission", nearly[0] if len(nearly) == 1 else None, None, 0.0, (why,), guesses, False)
    taken_back = withdraws(reading.mail)
    if running and taken_back and (named or guesses) and not is_other and not materials:
        why = Evidence("withdrawal", f"来信写有“{taken_back}”")
        return Identity("withdrawal", nearly[0] if len(nearly) == 1 else None, None, 0.0, (why,), guesses, False)
    hinted = bool(guesses) and any(word in words for one in running for word in _words_of_items(one.campaign))
    if running and (named or hinted) and not is_other and _ASKING.search(words):
        why = Evidence("question", "来信询问本活动的事，没有说明是哪个单位")
        return Identity("query", nearly[0] if len(nearly) == 1 else None, None, 0.0, (why,), guesses, False)
    return Identity("unrelated", None, None, 0.0, (), guesses, False)


def _words_of_items(campaign: Campaign) -> list[str]:
    return [fold(word) for item in campaign.items if item.owed_by == "unit" for word in item.words]


# --- the campaign -------------------------------------------------------------------------------------------------


def _campaign(reading: Reading, one: Prepared, known: Known, tally: dict[str, Tally]) -> list[Evidence]:
    found: list[Evidence] = []
    id = one.campaign.id
    numbers = [known.numbers.get(number) for number in OUR_NUMBER.findall(reading.mail.subject.upper())]
    letters = [known.letters.get(each) for each in (*reading.mail.in_reply_to, *reading.mail.references)]
    if any(each and each[0] == id for each in (*numbers, *letters)):
        found.append(Evidence("campaign-number", "引用了本活动的编号或去信", QUOTED))
    by_address = {points for _, points, _ in addresses(reading.sender, one, known)} - {DOMAIN}
    forwarded = any(p > DOMAIN for each in reading.inner_senders() for _, p, _ in addresses(each, one, known))
    if by_address or forwarded:
        found.append(Evidence("campaign-roster", "发件邮箱属于本活动名册上的单位", 25.0))
    strong = ("header", "subject", "folder", "file", "signature", "claim", "display", "relay", "counted", "forwarder")
    if any(kind in each.solid and each.solid[kind].points >= 20 for each in tally.values() for kind in strong):
        found.append(Evidence("campaign-unit", "写明了本活动名册上的单位", 15.0))
    elif reading.length <= 300 and any("body" in each.solid for each in tally.values()):
        found.append(Evidence("campaign-unit", "正文提到本活动名册上的单位", 7.0))
        if asks(reading.mail):
            found.append(Evidence("campaign-question", "短信里名册上的单位提出询问", 8.0))
    elif any(sum(e.points for e in each.weak.values()) >= 10 for each in tally.values()):
        found.append(Evidence("campaign-unit", "像是提到本活动名册上的单位", 5.0))
    points, words = speaks_for(one.campaign, reading.campaign_places)
    if points:
        found.append(Evidence("campaign-words", words, round(points, 1)))
    if one.campaign.status == "closed" and found:
        found.append(Evidence("campaign-closed", "活动已结束", -10.0))
    return found


def _decide_campaign(points: dict[str, float]) -> str | None:
    ranked = sorted(points.items(), key=lambda entry: -entry[1])
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < CAMPAIGN_MARGIN:
        return None
    return ranked[0][0]


def _address_known(reading: Reading, one: Prepared, known: Known) -> bool:
    return any(points > DOMAIN for _, points, _ in addresses(reading.sender, one, known))


def _confirmed(reading: Reading, one: Prepared, known: Known, unit: str) -> bool:
    return unit in one.emails.get(reading.sender, ()) or (one.campaign.id, unit) in known.addresses.get(
        reading.sender, ()
    )


def _guesses(tallies: Mapping[str, dict[str, Tally]], campaign: str | None) -> tuple[Guess, ...]:
    every = [
        (each.total, id, code)
        for id, tally in tallies.items()
        if campaign is None or id == campaign
        for code, each in tally.items()
    ]
    whole = sum(points for points, _, _ in every) + 20.0
    ranked = sorted(every, key=lambda entry: (-entry[0], entry[1], entry[2]))[:5]
    return tuple(Guess(id, code, round(points / whole, 2)) for points, id, code in ranked if points >= 5)


def _speaks_of_several(parts: Parts, unit: str | None, tally: dict[str, Tally]) -> bool:
    """Whether files that name several units are of several: not where a unit's own mail merely has such file names."""
    if unit is None or tally[unit].evidence[0].points < ROSTER:
        return True
    others = {code for code, _ in parts.values()} - {unit}
    return any(SAYING & set(tally[code].solid) for code in others if code in tally)


def parts_of(pieces: tuple[Piece, ...], known: Known, campaign: str | None) -> Parts:
    """The unit of each piece by its own evidence, where the mail brings several units' materials; else nothing."""
    one = next((each for each in known.campaigns if each.campaign.id == campaign), None)
    return units_of_pieces(pieces, prepare(one).index, one.roster) if one else {}


def _called(parts: Parts, known: Known, campaign: str | None) -> str:
    roster = next(each.roster for each in known.campaigns if each.campaign.id == campaign)
    return "、".join(roster.unit(code).name for code in sorted({unit for unit, _ in parts.values()}))


def unit_of(known: Known, identity: Identity) -> Unit | None:
    """The roster's unit an identity speaks of; None when it is undecided."""
    for one in known.campaigns:
        if one.campaign.id == identity.campaign:
            return one.roster.find(identity.unit)
    return None
