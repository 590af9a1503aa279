"""Which unit a mail is from: every piece of evidence with its points, and the unit where one leads clearly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.judging.spelling import fold
from archive.records import Evidence, Mail
from config.campaign import Campaign
from config.roster import Roster
from intake.clues.namings import FULL, INSIDE, PLAIN, STEM, Hit, NameIndex, office
from intake.clues.reading import Reading
from intake.clues.relays import names_a_body
from intake.clues.speech import Place
from intake.known import CampaignRoster, Known

BAR, MARGIN, MARGIN_SHARE = 30.0, 15.0, 0.45
"""A unit is decided from BAR points on, when it leads by MARGIN points and by MARGIN_SHARE of its own points."""
QUOTED, ROSTER, SHARED, LEARNED, FORWARDED, DOMAIN = 100.0, 80.0, 30.0, 35.0, 60.0, 10.0
RELAY, COUNTED, RELAYING, SLIP, AGAIN = 100.0, 60.0, 5.0, 30.0, 10.0
HEADER, SUBJECT, FOLDER, FILES, TITLES, SIGNATURE, CLAIM, MENTION, DISPLAY = 70, 40, 35, 30, 25, 36, 36, 15, 25
CONFIRMED, TWICE = 25.0, 2
"""A sender persons assigned to one unit once, which decides with any other hint; so often, it decides alone."""
ORGAN_SHOWN = 32
"""A sender's name that is a league organ's (图木舒克团市委), not only a place's."""
FIRST_WORDS, INNER = 36, 36
"""A title or a short mail that begins with a unit's name; the sender of a mail passed on."""
OUR_NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,4}\d{4}-\d{2,}(?!\d)")
_CLAIM = re.compile(
    r"我是|我们是|我单位|我委|本单位|这是|此为|来自|现将|现报|报送|上报|附件(是|为)|兹将|兹有|提交|我处|选送|推报|呈报|呈上"
)
_LIKE_A_UNIT = re.compile(r"[\u4e00-\u9fff\d]{2,16}?(?:团[市区县师]?工?委(?:员会)?|组委会|委员会)")
_DATE_MARKS = re.compile(r"[\d年月日,.。:;、()\-]")
_SPOKEN_OF = re.compile(r"[:,]|同意|(推荐|推报)$|审核|审定|已审|要求|通知|让|的?(领导|老师|同志)")
"""After a name: the one spoken to or of, who does not speak."""
_GREETING = re.compile(r"^[^,。;:!?]{0,4}(?:您好|你好|老师|主任|处长|科长|部长|书记|领导|同志|姐|哥|好)+[,:!。~]*")
_ORGAN = re.compile(r"团[市县区师]?委|团工委|共青团|组委会")
_DATELINE = re.compile(r"(?:讯|电|供稿|报道|通讯员)")
_UNSURE = re.compile(
    r"(?:不清楚|不知道?|不确定|没搞清|拿不准|请问)[^。;\n]{0,16}(?:报给|报到|归|算|交给)[^。;\n]{0,24}(?:还是|哪|谁)"
    r"|[算归]哪[边家个里](?:的|单位)?|两[县区市地师家](?:青年|联合|共同|一起|团)|两家(?:单位)?(?:联合|共同|一起|合)|联名报送|合报"
)
_ANNEX = re.compile(r"^附(?:件|表)?\d{0,2}[:,、 ]?|^[\d.、 ]+$")
SAYING = frozenset({"header", "subject", "claim", "body", "relay", "signature"})
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


@dataclass
class Tally:
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
class Prepared:
    """One campaign's roster, prepared once."""

    campaign: Campaign
    roster: Roster
    index: NameIndex
    emails: Mapping[str, tuple[str, ...]]
    domains: Mapping[str, str]


_PREPARED: dict[tuple[int, int], Prepared] = {}


def prepare(one: CampaignRoster) -> Prepared:
    key = (id(one.campaign), id(one.roster))
    found = _PREPARED.get(key)
    if found and found.campaign is one.campaign and found.roster is one.roster:
        return found
    if len(_PREPARED) > 64:
        _PREPARED.clear()
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
    _PREPARED[key] = Prepared(one.campaign, one.roster, index, emails, alone)
    return _PREPARED[key]


def units_in(reading: Reading, one: Prepared, known: Known) -> dict[str, Tally]:
    tally: dict[str, Tally] = {}

    def add(unit: str, kind: str, text: str, points: float, strength: float = FULL) -> None:
        if one.roster.find(unit) is not None:
            tally.setdefault(unit, Tally()).add(kind, text, points * strength, strength)

    for unit, text in quoted(reading, one.campaign.id, known):
        add(unit, "number", text, QUOTED)
    for unit, kind, text, points in _said_or_by_address(reading, one, known):
        add(unit, kind, text, points)
    for sender in reading.inner_senders():
        for unit, points, _ in addresses(sender, one, known):
            add(unit, "forwarded", f"所转邮件的发件人是登记过的邮箱（{sender}）", min(points, FORWARDED))
    found = _named(reading, one.index)
    for place, hit, points in found:
        add(hit.unit, place.kind, f"{place.label}写有“{hit.name}”", points, hit.strength)
        if reading.for_own and hit.strength == INSIDE and place.kind in SAYING:
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


def _said_or_by_address(reading: Reading, one: Prepared, known: Known) -> list[tuple[str, str, str, float]]:
    """For whom the mail says it is sent, and whose address it came from: (unit, kind, words, points)."""
    others, found = _said(reading, one.index)
    for unit, points, text in addresses(reading.sender, one, known):
        if reading.borrowed and unit not in (others or ()):
            found.append((unit, "address", f"{text}，但来信说邮箱是借用的", RELAYING))
        elif others is None or unit in others:
            found.append((unit, "address", text, points))
        else:
            found.append((unit, "address", f"{text}，但来信说是代别的单位发的", RELAYING))
    return found


def _said(reading: Reading, index: NameIndex) -> tuple[frozenset[str] | None, list[tuple[str, str, str, float]]]:
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


def _written_again(written: str, name: str, reading: Reading) -> bool:
    """Whether the wrong character, with its neighbour, stands in a second place of the mail: the sender means it."""
    at = next(place for place, (a, b) in enumerate(zip(written, name, strict=True)) if a != b)
    word = written[max(0, at - 1) : at + 1] if at else written[:2]
    places = (reading.subject, "\n".join(reading.lines), "\n".join(reading.files), "\n".join(reading.titles))
    return sum(text.count(word) for text in places) >= 2


def _maybe_misspelt(reading: Reading) -> list[tuple[str, str, float]]:
    """Words that look like a unit's name, where they stand and what a name there is worth."""
    found = [(value, "header", float(HEADER)) for value, _ in reading.headers]
    found += [(each, "subject", float(SUBJECT)) for each in _LIKE_A_UNIT.findall(reading.subject)]
    for line in reading.lines[:3] + reading.lines[-3:]:
        found += [(each, "claim", float(CLAIM)) for each in _LIKE_A_UNIT.findall(line)]
    return found


def quoted(reading: Reading, campaign: str, known: Known) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number in OUR_NUMBER.findall(reading.mail.subject.upper()):
        of, unit = known.numbers.get(number, (None, None))
        if unit and of in (campaign, None):
            found.append((unit, f"主题写有编号 {number}"))
    for id in (*reading.mail.in_reply_to, *reading.mail.references):
        if id in known.letters and known.letters[id][0] == campaign:
            found.append((known.letters[id][1], "回复的是我方去信"))
    return found


def addresses(sender: str, one: Prepared, known: Known) -> list[tuple[str, float, str]]:
    codes = one.emails.get(sender, ())
    if codes:
        points = ROSTER if len(codes) == 1 else SHARED
        text = "发件邮箱在单位名册上" if len(codes) == 1 else f"发件邮箱在名册上属于 {len(codes)} 个单位"
        return [(code, points, text) for code in codes]
    learned = [unit for campaign, unit in known.addresses.get(sender, ()) if campaign == one.campaign.id]
    if learned:
        points = LEARNED if len(learned) == 1 else SHARED
        return [(unit, points, "此前已确认过的发件邮箱") for unit in learned]
    decided = {
        unit: n for (campaign, unit), n in known.confirmed.get(sender, {}).items() if campaign == one.campaign.id
    }
    if len(decided) == 1:
        unit, count = next(iter(decided.items()))
        points = LEARNED if count >= TWICE else CONFIRMED
        return [(unit, points, f"经办人已核定过此发件人的 {count} 件来信属于该单位")]
    domain = sender.rpartition("@")[2]
    if domain in one.domains:
        return [(one.domains[domain], DOMAIN, f"邮箱域名 {domain} 属于该单位")]
    return []


def _named(reading: Reading, index: NameIndex) -> list[tuple[Place, Hit, float]]:
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
    name = fold(reading.mail.sender_name)
    look("display", "发件人姓名", name, ORGAN_SHOWN if _ORGAN.search(name) else DISPLAY)
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


def _introduces(hit: Hit, line: str, place: int, reading: Reading) -> bool:
    """A short mail that begins with the unit's name (“琼海的总结”), which is not whom it speaks to; “（琼海讯）”."""
    if place < 3 and hit.start <= 1 and _DATELINE.match(line[hit.end :]):
        return True
    if place >= 3 or _GREETING.sub("", line[: hit.start]) or reading.length > 300:
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


def leaves_open(mail: Mail) -> bool:
    """Whether the mail itself leaves open to whom it belongs: 算哪边的, 不清楚该报给…还是…, 两县青年…"""
    return bool(_UNSURE.search(fold(f"{mail.subject}\n{mail.text[:1500]}")))


def decide_unit(tally: dict[str, Tally]) -> tuple[str | None, float, list[Evidence]]:
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
