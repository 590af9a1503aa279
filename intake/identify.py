"""Who sent this and for which campaign: evidence with points, a decision only above a bar and with a margin.

The order of what is believed: a number or letter of ours that is quoted; a known address; 报送单位 in a table's header;
names in subject, archive, folder and file names, titles; body, signature, sender's name; the address's domain.
Where a careful clerk would ask, nothing is decided and the guesses are ranked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from archive.judging.applicants import LONG_ENOUGH
from archive.judging.spelling import fold
from archive.records import Evidence, Guess, Held, Mail, Piece, Role
from config.campaign import Campaign
from config.roster import Roster, Unit
from intake.clues.announce import asks
from intake.clues.business import OtherBusiness, names_of, other_business
from intake.clues.cases import columns_share
from intake.clues.furniture import is_material
from intake.clues.namings import FULL, INSIDE, PLAIN, STEM, Hit, NameIndex, office
from intake.clues.parts import Parts, units_of_pieces
from intake.clues.profiles import profiles
from intake.clues.relays import counted_to, names_a_body, passed_on, sent_for, sent_for_own
from intake.clues.roles import role_of
from intake.clues.speech import (
    Place,
    clean_subject,
    file_names,
    folder_names,
    header_units,
    own_lines,
    speaks_for,
    title_lines,
)
from intake.learned import Model

BAR, MARGIN, MARGIN_SHARE = 30.0, 15.0, 0.45
"""A unit is decided from BAR points on, when it leads by MARGIN points and by MARGIN_SHARE of its own points."""
CAMPAIGN_BAR, CAMPAIGN_MARGIN = 15.0, 10.0
ASTRAY, NOBODY_HERE = 20.0, 5.0
"""Points by which another mailbox's campaign must lead this mailbox's own; where nobody of its roster is named."""
NEARLY = 10.0
"""Points from which a mail that brings files is of the one campaign that has them, though a person must say whose."""
OURS = 0.75
"""The share of a table's columns from which it is one that the campaign asks for, whatever else the mail speaks of."""
QUOTED, ROSTER, SHARED, LEARNED, FORWARDED, DOMAIN = 100.0, 80.0, 30.0, 35.0, 60.0, 10.0
RELAY, COUNTED, RELAYING, SLIP, AGAIN = 100.0, 60.0, 5.0, 30.0, 10.0
HEADER, SUBJECT, FOLDER, FILES, TITLES, SIGNATURE, CLAIM, MENTION, DISPLAY = 70, 40, 35, 30, 25, 36, 36, 15, 25
FIRST_WORDS, INNER = 36, 36
"""A title or a short mail that begins with a unit's name; the sender of a mail passed on."""
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,4}\d{4}-\d{2,}(?!\d)")
_CLAIM = re.compile(
    r"我是|我们是|我单位|我委|本单位|这是|此为|来自|现将|现报|报送|上报|附件(是|为)|兹将|兹有|提交|我处|选送|推报|呈报|呈上"
)
_LIKE_A_UNIT = re.compile(r"[\u4e00-\u9fff\d]{2,16}?(?:团[市区县师]?工?委(?:员会)?|组委会|委员会)")
_DATE_MARKS = re.compile(r"[\d年月日,.。:;、()\-]")
_SPOKEN_OF = re.compile(r"[:,]|同意|(推荐|推报)$|审核|审定|已审|要求|通知|让|的?(领导|老师|同志)")
"""After a name: the one spoken to or of, who does not speak."""
_DATELINE = re.compile(r"(?:讯|电|供稿|报道|通讯员)")
_ANNEX = re.compile(r"^附(?:件|表)?\d{0,2}[:,、 ]?|^[\d.、 ]+$")
_ASKING = re.compile(r"请问|想问|问一下|问下|请教")
_SAYING = frozenset({"header", "subject", "claim", "body", "relay", "signature"})
_OF_A_UNIT = frozenset({"campaign-roster", "campaign-unit", "campaign-number"})
_SENT = re.compile(r"报送|上报|提交|材料|总结|照片|图片|作品|视频")
_TELLS_NOTHING = re.compile(
    r"报送|上报|材料|附件|文件|资料|请?查收|如题|见附件|无主题|新建|文件夹|文档|microsoft|word|excel|工作表|压缩包|照片|图片|视频|微信图片|qq图片"
    r"|您?你?好|老师|领导|谢谢|发送|发自我的|iphone|手机|img|dscn?|mmexport|wechat|vid|pic|photo|image|[a-z]?[\W\d_]+"
)
"""Words that say nothing of whose a file is and what for."""
_PUBLIC = frozenset(
    [
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "yeah.net",
        "sina.com",
        "sina.cn",
        "sohu.com",
        "139.com",
        "189.cn",
        "aliyun.com",
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "vip.163.com",
        "vip.qq.com",
        "vip.126.com",
        "21cn.com",
        "wo.cn",
        "tom.com",
        "vip.sina.com",
        "icloud.com",
        "live.cn",
        "msn.com",
    ]
)


Collectives = Mapping[str, tuple[str, str, str]]
"""Key of a 集体's name → (name, code of the unit that named it, where)."""


@dataclass(frozen=True)
class CampaignRoster:
    """A campaign and its roster."""

    campaign: Campaign
    roster: Roster


@dataclass(frozen=True)
class Known:
    """What is known when a mail is judged.

    addresses: learned address (lower case) → (campaign, unit) it was confirmed for. numbers: our number → (campaign,
    unit). letters: Message-ID of a letter of ours → (campaign, unit) it went to. mending: Message-ID of a 补报通知 of
    ours → the items it asked to mend. sent: (campaign, unit) → what the unit sent before. learned: campaign → what
    staff confirmed. collectives: campaign → the 集体 that its units' tables and lists name.
    """

    campaigns: tuple[CampaignRoster, ...] = ()
    addresses: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    letters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mending: Callable[[str], frozenset[str] | None] = lambda _: None
    sent: Callable[[str, str], tuple[Held, ...]] = lambda _campaign, _unit: ()
    learned: Callable[[str], Model | None] = lambda _campaign: None
    collectives: Callable[[str], Collectives] = lambda _campaign: {}


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


@dataclass
class _Tally:
    """The points of one unit: the best of each kind of evidence counts."""

    solid: dict[str, Evidence] = field(default_factory=dict)
    weak: dict[str, Evidence] = field(default_factory=dict)
    inside: dict[str, Evidence] = field(default_factory=dict)

    def add(self, kind: str, text: str, points: float, strength: float = FULL) -> None:
        kept = self.solid if strength >= PLAIN else self.weak if strength > INSIDE else self.inside
        if kind not in kept or kept[kind].points < points:
            kept[kind] = Evidence(kind, text, round(points, 1))

    @property
    def total(self) -> float:
        """All points; the name of a body below the unit can never decide by itself."""
        solid = sum(each.points for each in self.solid.values())
        weak = sum(each.points for kind, each in self.weak.items() if kind not in self.solid)
        inside = sum(each.points for kind, each in self.inside.items() if kind not in self.solid)
        return solid + weak + min(20.0, inside)

    @property
    def evidence(self) -> list[Evidence]:
        """Everything that speaks for the unit, strongest first."""
        every = [*self.solid.values(), *self.weak.values(), *self.inside.values()]
        return sorted(every, key=lambda each: -each.points)


@dataclass(frozen=True)
class _Roster:
    """One campaign's roster, prepared once."""

    campaign: Campaign
    roster: Roster
    index: NameIndex
    emails: Mapping[str, tuple[str, ...]]
    domains: Mapping[str, str]


_prepared: dict[tuple[int, int], _Roster] = {}


def _prepare(one: CampaignRoster) -> _Roster:
    key = (id(one.campaign), id(one.roster))
    found = _prepared.get(key)
    if found and found.campaign is one.campaign and found.roster is one.roster:
        return found
    if len(_prepared) > 64:
        _prepared.clear()
    emails: dict[str, tuple[str, ...]] = {}
    domains: dict[str, set[str]] = {}
    for unit in one.roster.units:
        for email in unit.emails:
            folded = email.strip().lower()
            emails[folded] = (*emails.get(folded, ()), unit.code)
            domains.setdefault(folded.rpartition("@")[2], set()).add(unit.code)
    alone = {domain: min(codes) for domain, codes in domains.items() if len(codes) == 1 and domain not in _PUBLIC}
    parent = one.campaign.parent.issuer if one.campaign.parent else None
    index = NameIndex(one.roster, office(one.campaign.issuer, parent or ""))
    _prepared[key] = _Roster(one.campaign, one.roster, index, emails, alone)
    return _prepared[key]


class _Reading:
    """One mail, folded once for all campaigns."""

    def __init__(self, mail: Mail, pieces: tuple[Piece, ...]) -> None:
        self.mail = mail
        self.sender = mail.sender.strip().lower()
        self.subject = fold(clean_subject(mail.subject))
        self.files = [fold(name) for name in file_names(pieces)]
        self.folders = [fold(name) for name in folder_names(pieces)]
        self.titles = [fold(line) for piece in pieces if is_material(piece, pieces) for line in title_lines(piece)]
        self.passed = passed_on(mail)
        self.lines = [fold(line) for line in (*own_lines(mail), *(self.passed.lines if self.passed else ()))][:200]
        self.sent_for = sent_for(mail)
        self.counted_to = counted_to(mail)
        self.for_own = sent_for_own(mail)
        self.headers = [(fold(value), where) for value, where in header_units(mail, pieces)]
        self.nested = [each for each in mail.nested if each.sender]
        body = "\n".join(self.lines)[:4000]
        self.length = len(body)
        self.campaign_places = (
            Place("subject", "主题", self.subject, 1.0),
            Place("files", "文件名", "\n".join(self.files + self.folders), 1.0),
            Place("titles", "文件标题", "\n".join(self.titles), 0.8),
            Place("body", "正文", body, 0.8 if len(body) <= 300 else 0.4),
            Place("nested", "所转邮件的主题", "\n".join(map(fold, self._inner_subjects())), 0.8),
        )

    def _inner_subjects(self) -> list[str]:
        passed = [self.passed.subject] if self.passed else []
        return passed + [each.subject for each in self.mail.nested]

    def inner_senders(self) -> list[str]:
        """Addresses a mail passed on came from."""
        passed = [self.passed.address] if self.passed and self.passed.address else []
        return passed + [each.sender.strip().lower() for each in self.nested]


def identify(mail: Mail, pieces: tuple[Piece, ...], mailbox: str, known: Known) -> Identity:
    """Role, campaign and unit of one person's mail that came into `mailbox` (its name in the settings).

    "" for `mailbox` weighs every campaign: what came by another channel.

    A mail with neither a known address nor evidence of a campaign is `unrelated`. See the module for the order of
    evidence and BAR, MARGIN for when a unit is decided.
    """
    reading = _Reading(mail, pieces)
    running = [_prepare(one) for one in known.campaigns if not mailbox or mailbox in one.campaign.mailboxes]
    tallies, weights = _weighed(reading, running, known)
    strays = _gone_astray(reading, running, weights, known) if mailbox else []
    if strays:
        running = strays
        tallies, weights = _weighed(reading, running, known)
    asked_of = tuple(one.campaign for one in running)
    related = [id for id, each in weights.items() if sum(e.points for e in each) >= CAMPAIGN_BAR]
    quoted = any(each.kind == "campaign-number" for found in weights.values() for each in found)
    other = None if quoted else _other_business(reading, pieces, asked_of)
    if other and not other.in_doubt:
        said = Evidence("other-business", f"是别的业务：{other.words}")
        return Identity("unrelated", None, None, 0.0, (said,), _guesses(tallies, None), False)
    if not related:
        spoken_for = [id for id, each in weights.items() if sum(e.points for e in each) >= NEARLY]
        return _unrelated(reading, pieces, running, _guesses(tallies, None), spoken_for, other is not None)
    campaign = _decide_campaign({id: sum(e.points for e in weights[id]) for id in related})
    chosen = next((one for one in running if one.campaign.id == campaign), None)
    unit, confidence, evidence = (None, 0.0, []) if chosen is None else _decide_unit(tallies[chosen.campaign.id])
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
    reading: _Reading, running: list[_Roster], known: Known
) -> tuple[dict[str, dict[str, _Tally]], dict[str, list[Evidence]]]:
    """Campaign id → the units' points, and → what speaks for the campaign."""
    tallies = {one.campaign.id: _units(reading, one, known) for one in running}
    return tallies, {one.campaign.id: _campaign(reading, one, known, tallies[one.campaign.id]) for one in running}


def _gone_astray(
    reading: _Reading, running: list[_Roster], weights: Mapping[str, list[Evidence]], known: Known
) -> list[_Roster]:
    """Open campaigns of other mailboxes that the mail plainly speaks of, far more than of this mailbox's own.

    Plainly: by its words or our number, and by a unit or an address on its roster.
    """
    here = {one.campaign.id for one in running}
    best = max((sum(each.points for each in found) for found in weights.values()), default=0.0)
    named = {each.kind for found in weights.values() for each in found} & _OF_A_UNIT
    bar = max(best + (ASTRAY if named else NOBODY_HERE), CAMPAIGN_BAR)
    others = [one for one in known.campaigns if one.campaign.id not in here and one.campaign.status == "open"]
    found = []
    for one in map(_prepare, others):
        said = _campaign(reading, one, known, _units(reading, one, known))
        kinds = {each.kind for each in said}
        plain = "campaign-number" in kinds or ("campaign-words" in kinds and kinds & _OF_A_UNIT)
        if plain and sum(each.points for each in said) >= bar:
            found.append(one)
    return found


def _of_a_collective(
    reading: _Reading, names: Collectives, one: _Roster, tallies: Mapping[str, dict[str, _Tally]]
) -> list[Evidence]:
    """A 集体 that writes by itself is proposed to the unit whose tables name it; that decides nothing."""
    said = "\n".join([fold(reading.mail.sender_name), *(place.text for place in reading.campaign_places)])
    found = []
    for key, (name, code, where) in names.items():
        if len(key) >= LONG_ENOUGH and key in said:
            text = f"提到的集体“{name}”在{one.roster.unit(code).name}的{where}里，可能由其归口"
            tallies[one.campaign.id].setdefault(code, _Tally()).add("collective", text, 20.0, INSIDE)
            found.append(Evidence("collective", text, 20.0))
    return found


def _other_business(
    reading: _Reading, pieces: tuple[Piece, ...], campaigns: tuple[Campaign, ...]
) -> OtherBusiness | None:
    ours = any(columns_share(piece, each) >= OURS for one in campaigns for each in profiles(one) for piece in pieces)
    return other_business(reading.campaign_places, campaigns, asks(reading.mail) is not None, ours)


def _unrelated(
    reading: _Reading,
    pieces: tuple[Piece, ...],
    running: list[_Roster],
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
    hinted = bool(guesses) and any(word in words for one in running for word in _words_of_items(one.campaign))
    if running and (named or hinted) and not is_other and _ASKING.search(words):
        why = Evidence("question", "来信询问本活动的事，没有说明是哪个单位")
        return Identity("query", nearly[0] if len(nearly) == 1 else None, None, 0.0, (why,), guesses, False)
    return Identity("unrelated", None, None, 0.0, (), guesses, False)


def _words_of_items(campaign: Campaign) -> list[str]:
    return [fold(word) for item in campaign.items if item.owed_by == "unit" for word in item.words]


# --- the unit -----------------------------------------------------------------------------------------------------


def _units(reading: _Reading, one: _Roster, known: Known) -> dict[str, _Tally]:
    tally: dict[str, _Tally] = {}

    def add(unit: str, kind: str, text: str, points: float, strength: float = FULL) -> None:
        if one.roster.find(unit) is not None:
            tally.setdefault(unit, _Tally()).add(kind, text, points * strength, strength)

    for unit, text in _quoted(reading, one.campaign.id, known):
        add(unit, "number", text, QUOTED)
    for unit, kind, text, points in _said_or_by_address(reading, one, known):
        add(unit, kind, text, points)
    for sender in reading.inner_senders():
        for unit, points, _ in _addresses(sender, one, known):
            add(unit, "forwarded", f"所转邮件的发件人是登记过的邮箱（{sender}）", min(points, FORWARDED))
    found = _named(reading, one.index)
    for place, hit, points in found:
        add(hit.unit, place.kind, f"{place.label}写有“{hit.name}”", points, hit.strength)
        if reading.for_own and hit.strength == INSIDE and place.kind in _SAYING:
            add(hit.unit, "counted", f"来信说是代上级单位报的，其名称里有“{hit.name}”", COUNTED)
    if not any(hit.strength > INSIDE for _, hit, _ in found):
        for text, kind, points in _maybe_misspelt(reading):
            misspelt = one.index.misspelt(text)
            near = None if misspelt else one.index.near(text)
            if misspelt:
                add(misspelt.unit, kind, f"“{text}”像是“{misspelt.name}”（同音别字）", min(points, SLIP), PLAIN)
                if _written_again(text[misspelt.start :], misspelt.name, reading):
                    add(misspelt.unit, "again", "同一写法在来信中不止一处", AGAIN)
            elif near:
                add(near[0], "near", f"“{text}”与“{near[1]}”相近", 12.0, STEM + 0.1)
    return tally


def _said_or_by_address(reading: _Reading, one: _Roster, known: Known) -> list[tuple[str, str, str, float]]:
    """For whom the mail says it is sent, and whose address it came from: (unit, kind, words, points)."""
    others, found = _said(reading, one.index)
    for unit, points, text in _addresses(reading.sender, one, known):
        if others is None or unit in others:
            found.append((unit, "address", text, points))
        else:
            found.append((unit, "address", f"{text}，但来信说是代别的单位发的", RELAYING))
    return found


def _said(reading: _Reading, index: NameIndex) -> tuple[frozenset[str] | None, list[tuple[str, str, str, float]]]:
    """(units the mail is sent for, None when for nobody else; the evidence as (unit, kind, words, points))."""
    found: list[tuple[str, str, str, float]] = []
    others: set[str] = set()
    for words in reading.sent_for:
        units = {hit.unit: hit for hit in index.hits(words) if hit.strength > INSIDE and hit.start <= 1}
        others |= set(units) if units else {""} if names_a_body(words) else set()
        found += [(unit, "relay", f"来信说是代“{hit.name}”发的", RELAY) for unit, hit in units.items()]
    for words in reading.counted_to:
        hits = [hit for hit in index.hits(words) if hit.strength > INSIDE and hit.start <= 2]
        found += [(hit.unit, "counted", f"来信说算“{hit.name}”的", COUNTED) for hit in hits[:1]]
    return (frozenset(others) if others else None), found


def _written_again(written: str, name: str, reading: _Reading) -> bool:
    """Whether the wrong character, with its neighbour, stands in a second place of the mail: the sender means it."""
    at = next(place for place, (a, b) in enumerate(zip(written, name, strict=True)) if a != b)
    word = written[max(0, at - 1) : at + 1] if at else written[:2]
    places = (reading.subject, "\n".join(reading.lines), "\n".join(reading.files), "\n".join(reading.titles))
    return sum(text.count(word) for text in places) >= 2


def _maybe_misspelt(reading: _Reading) -> list[tuple[str, str, float]]:
    """Words that look like a unit's name, where they stand and what a name there is worth."""
    found = [(value, "header", float(HEADER)) for value, _ in reading.headers]
    found += [(each, "subject", float(SUBJECT)) for each in _LIKE_A_UNIT.findall(reading.subject)]
    for line in reading.lines[:3] + reading.lines[-3:]:
        found += [(each, "claim", float(CLAIM)) for each in _LIKE_A_UNIT.findall(line)]
    return found


def _quoted(reading: _Reading, campaign: str, known: Known) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number in _NUMBER.findall(reading.mail.subject.upper()):
        of, unit = known.numbers.get(number, (None, None))
        if unit and of in (campaign, None):
            found.append((unit, f"主题写有编号 {number}"))
    for id in (*reading.mail.in_reply_to, *reading.mail.references):
        if id in known.letters and known.letters[id][0] == campaign:
            found.append((known.letters[id][1], "回复的是我方去信"))
    return found


def _addresses(sender: str, one: _Roster, known: Known) -> list[tuple[str, float, str]]:
    codes = one.emails.get(sender, ())
    if codes:
        points = ROSTER if len(codes) == 1 else SHARED
        text = "发件邮箱在单位名册上" if len(codes) == 1 else f"发件邮箱在名册上属于 {len(codes)} 个单位"
        return [(code, points, text) for code in codes]
    learned = [unit for campaign, unit in known.addresses.get(sender, ()) if campaign == one.campaign.id]
    if learned:
        points = LEARNED if len(learned) == 1 else SHARED
        return [(unit, points, "此前已确认过的发件邮箱") for unit in learned]
    domain = sender.rpartition("@")[2]
    if domain in one.domains:
        return [(one.domains[domain], DOMAIN, f"邮箱域名 {domain} 属于该单位")]
    return []


def _named(reading: _Reading, index: NameIndex) -> list[tuple[Place, Hit, float]]:
    found: list[tuple[Place, Hit, float]] = []

    def look(kind: str, label: str, text: str, points: float) -> tuple[Hit, ...]:
        hits = index.hits(text) if text else ()
        found.extend((Place(kind, label, text, points), hit, points) for hit in hits)
        return hits

    for value, where in reading.headers:
        look("header", f"“{where}”的报送单位栏", value, HEADER)
    look("subject", "主题", reading.subject, SUBJECT)
    for name in reading.folders:
        look("folder", f"文件夹“{name[:30]}”", name, FOLDER)
    _named_in_files(reading.files, index, found)
    for line in reading.titles:
        hits = index.hits(line)
        for hit in hits:
            worth = float(TITLES if _ANNEX.sub("", line[: hit.start]) else FIRST_WORDS)
            found.append((Place("title", "文件标题", line, worth), hit, worth))
    look("display", "发件人姓名", fold(reading.mail.sender_name), DISPLAY)
    for name in [each.sender_name for each in reading.nested] + ([reading.passed.sender] if reading.passed else []):
        look("forwarder", "所转邮件的发件人", fold(name), INNER)
    last = len(reading.lines) - 6
    for place, line in enumerate(reading.lines):
        hits = index.hits(line)
        claims = bool(hits) and place < 8 and bool(_CLAIM.search(line))
        for hit in {(hit.unit, hit.strength): hit for hit in reversed(hits)}.values():
            kind, label, points = "body", "正文", float(MENTION)
            ends = place >= last and (_stands_alone(hit.name, line) or _ends_with(hit, line, reading.lines, place))
            if ends and len(reading.lines) > 1:
                kind, label, points = "signature", "落款", float(SIGNATURE)
            elif claims or _introduces(hit, line, place, reading):
                kind, label, points = "claim", "正文自述", float(CLAIM)
            found.append((Place(kind, label, line, points), hit, points))
    return found


def _stands_alone(name: str, line: str) -> bool:
    """A line that holds the name and hardly more than a date: a signature."""
    return len(line) <= len(name) + 24 and len(_DATE_MARKS.sub("", line.replace(name, ""))) <= 6


def _ends_with(hit: Hit, line: str, lines: list[str], place: int) -> bool:
    """The last line ends with the name after a full stop: a signature on the same line."""
    return place == len(lines) - 1 and hit.end == len(line) and bool(re.search(r"[。;.!~]$", line[: hit.start]))


def _introduces(hit: Hit, line: str, place: int, reading: _Reading) -> bool:
    """A short mail that begins with the unit's name (“琼海的总结”), which is not whom it speaks to; “（琼海讯）”."""
    if place < 3 and hit.start <= 1 and _DATELINE.match(line[hit.end :]):
        return True
    if place >= 3 or hit.start > 0 or reading.length > 300:
        return False
    return not _SPOKEN_OF.match(line[hit.end :])


def _named_in_files(names: list[str], index: NameIndex, found: list[tuple[Place, Hit, float]]) -> None:
    """File names: the more of them name a unit, the more it counts."""
    seen: dict[str, list[Hit]] = {}
    for name in names:
        for code, hit in {hit.unit: hit for hit in index.hits(name)}.items():
            seen.setdefault(code, []).append(hit)
    for hits in seen.values():
        best = max(hits, key=lambda hit: hit.strength)
        points = FILES * (0.6 + 0.4 * len(hits) / len(names))
        found.append((Place("file", "文件名", best.name, points), best, points))


def _decide_unit(tally: dict[str, _Tally]) -> tuple[str | None, float, list[Evidence]]:
    ranked = sorted(((each.total, code) for code, each in tally.items()), key=lambda entry: (-entry[0], entry[1]))
    if not ranked:
        return None, 0.0, []
    top, code = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    evidence = tally[code].evidence
    if top < BAR:
        return None, 0.0, [*evidence, Evidence("undecided", "依据不足，未确定报送单位", 0.0)]
    if top - second < max(MARGIN, MARGIN_SHARE * top):
        other = tally[ranked[1][1]].evidence
        return None, 0.0, [*evidence, *other, Evidence("conflict", "依据互相矛盾，未确定报送单位", 0.0)]
    return code, round(min(0.99, top / (top + second + 10)), 2), evidence


# --- the campaign -------------------------------------------------------------------------------------------------


def _campaign(reading: _Reading, one: _Roster, known: Known, tally: dict[str, _Tally]) -> list[Evidence]:
    found: list[Evidence] = []
    id = one.campaign.id
    numbers = [known.numbers.get(number) for number in _NUMBER.findall(reading.mail.subject.upper())]
    letters = [known.letters.get(each) for each in (*reading.mail.in_reply_to, *reading.mail.references)]
    if any(each and each[0] == id for each in (*numbers, *letters)):
        found.append(Evidence("campaign-number", "引用了本活动的编号或去信", QUOTED))
    addresses = {points for _, points, _ in _addresses(reading.sender, one, known)} - {DOMAIN}
    forwarded = any(p > DOMAIN for each in reading.inner_senders() for _, p, _ in _addresses(each, one, known))
    if addresses or forwarded:
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


def _address_known(reading: _Reading, one: _Roster, known: Known) -> bool:
    return any(points > DOMAIN for _, points, _ in _addresses(reading.sender, one, known))


def _confirmed(reading: _Reading, one: _Roster, known: Known, unit: str) -> bool:
    return unit in one.emails.get(reading.sender, ()) or (one.campaign.id, unit) in known.addresses.get(
        reading.sender, ()
    )


def _guesses(tallies: Mapping[str, dict[str, _Tally]], campaign: str | None) -> tuple[Guess, ...]:
    every = [
        (each.total, id, code)
        for id, tally in tallies.items()
        if campaign is None or id == campaign
        for code, each in tally.items()
    ]
    whole = sum(points for points, _, _ in every) + 20.0
    ranked = sorted(every, key=lambda entry: (-entry[0], entry[1], entry[2]))[:5]
    return tuple(Guess(id, code, round(points / whole, 2)) for points, id, code in ranked if points >= 5)


def _speaks_of_several(parts: Parts, unit: str | None, tally: dict[str, _Tally]) -> bool:
    """Whether files that name several units are of several: not where a unit's own mail merely has such file names."""
    if unit is None or tally[unit].evidence[0].points < ROSTER:
        return True
    others = {code for code, _ in parts.values()} - {unit}
    return any(_SAYING & set(tally[code].solid) for code in others if code in tally)


def parts_of(pieces: tuple[Piece, ...], known: Known, campaign: str | None) -> Parts:
    """The unit of each piece by its own evidence, where the mail brings several units' materials; else nothing."""
    one = next((each for each in known.campaigns if each.campaign.id == campaign), None)
    return units_of_pieces(pieces, _prepare(one).index, one.roster) if one else {}


def _called(parts: Parts, known: Known, campaign: str | None) -> str:
    roster = next(each.roster for each in known.campaigns if each.campaign.id == campaign)
    return "、".join(roster.unit(code).name for code in sorted({unit for unit, _ in parts.values()}))


def unit_of(known: Known, identity: Identity) -> Unit | None:
    """The roster's unit an identity speaks of; None when it is undecided."""
    for one in known.campaigns:
        if one.campaign.id == identity.campaign:
            return one.roster.find(identity.unit)
    return None
