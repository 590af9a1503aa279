"""The clerk changes: on one page what runs, what is open, where everything lies and what was learned from staff."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from archive.judging.promises import shown_size
from config.campaign import Campaign
from config.workdays import ZONE
from intake.daily.units import STATES
from intake.printing import Section
from intake.rounds.deliver import sending
from intake.rounds.office import Office
from intake.rounds.planning import checklists
from intake.saying.owing import last_day

STATUS = {"example": "示例", "draft": "起草", "open": "在办", "closed": "已结束"}
MODES = {"normal": "自动发信", "cautious": "谨慎（只有回执自动发）", "silent": "不发信"}
LINES = 8
"""So many lines of the queue are shown; the rest is counted, so that the sheet stays one page."""


def turnover(office: Office) -> tuple[Section, ...]:
    """The sheet's sections, from the ledger as of now; nothing is written."""
    return (_campaigns(office), _mailboxes(office), _open(office), _places(office), _learned(office))


def _campaigns(office: Office) -> Section:
    rows = [_campaign(office, one) for one in office.config.campaigns.values() if one.status != "example"]
    heads = ("活动", "状态", "期限", *(name for _, name in STATES), "单位")
    faults = sorted({problem.file for problem in office.config.faults})
    said = [f"有错未启用的文件：{'、'.join(faults)}（baosong check 看行号）"] if faults else []
    return Section("活动", tuple(said), heads, tuple(rows))


def _campaign(office: Office, campaign: Campaign) -> tuple[str, ...]:
    now, roster = office.now(), office.config.rosters[campaign.id]
    counts: Counter[str] = Counter(one.state for one in checklists(office, campaign, roster, now).values())
    how = f"{STATUS[campaign.status]}，{MODES[campaign.mode]}" if campaign.status == "open" else STATUS[campaign.status]
    return (
        f"{campaign.short}（{campaign.id}）", how, _days(campaign, now),
        *(str(counts[state] or "—") for state, _ in STATES), str(len(roster.units)),
    )  # fmt: skip


def _days(campaign: Campaign, now: datetime) -> str:
    moments = (one.moment(campaign.zone, now) for one in campaign.deadlines)
    days = sorted({last_day(moment, campaign) for moment in moments if moment is not None})
    return "、".join(f"{day.month}月{day.day}日" for day in days) or "随时"


def _mailboxes(office: Office) -> Section:
    rows = []
    for name, box in office.config.settings.mailboxes.items():
        row = office.ledger.arrivals.mailbox(name)
        last = row.last_success if row else None
        seen = f"{last.astimezone(ZONE):%Y-%m-%d %H:%M}" if last else "还没有收过"
        trouble = row.last_trouble if row and row.failures else None
        rows.append((f"{name}（{box.code}）", box.address, "、".join(box.folders), box.imap.password, trouble or seen))
    why = sending(office)
    said = (why or "发信已打开", "授权码不在本页：按“授权码在”一栏所写的环境变量或文件交接，换人后请在邮箱里重新生成。")
    return Section("邮箱", said, ("邮箱", "地址", "文件夹", "授权码在", "最近收信"), tuple(rows))


def _open(office: Office) -> Section:
    questions = office.ledger.decisions.questions()
    letters: Counter[str] = Counter(one.state for one in office.ledger.standing.not_out())
    named = (
        ("draft", "待放行"),
        ("held", "暂缓"),
        ("queued", "待发"),
        ("deferred", "稍后重发"),
        ("failed", "没有发到"),
    )
    said = [
        f"信件：{'，'.join(f'{word} {letters[state]} 封' for state, word in named if letters[state]) or '没有未了的'}"
    ]
    bad = office.ledger.letters.bad_addresses(office.now())
    if bad:
        said.append(f"不能用的地址 {len(bad)} 个：{'、'.join(sorted(bad)[:LINES])}")
    said.append(f"待核对 {len(questions)} 条（baosong queue）{'，最早的：' if questions else ''}")
    said += [f"· {one.question}" for one in questions[:LINES]]
    return Section("没有办完的", tuple(said))


def _places(office: Office) -> Section:
    numbers = office.ledger.arrivals.numbers()
    ledger = office.home / "ledger.db"
    rows = (
        ("工作目录", str(office.home.resolve())),
        ("设置、活动、名册", "settings.yaml、campaigns/、rosters/、calendar.yaml；改完运行 baosong check"),
        ("台账", f"ledger.db（{shown_size(ledger.stat().st_size) if ledger.exists() else '—'}）"),
        ("档案库", f"archive/，{len(numbers)} 件；不用本软件也能核对，见 docs/archive-format.md"),
        ("登记单、每日摘要", "slips/、digests/"),
        ("无关来信", f"aside/，保留 {office.config.settings.aside_days} 天"),
        ("每天要做的", "看 08:30 的摘要，处理 baosong queue，放行 baosong outbox 里的草稿"),
    )
    return Section("东西在哪里", (), ("", ""), rows)


def _learned(office: Office) -> Section:
    rows = []
    for id in office.config.campaigns:
        kinds = Counter(one.kind for one in office.ledger.taught.all(id))
        notes = len(office.ledger.notes.all(id))
        own = sorted(office.wordings[id].own) if id in office.wordings else []
        if kinds or notes or own:
            taught = (str(kinds["address"] or "—"), str(kinds["alias"] or "—"), str(notes or "—"))
            rows.append((id, *taught, "、".join(own) or "—"))
    by_persons, _ = office.ledger.decisions.by_persons()
    never = office.config.settings.answers.never
    said = [f"经办人改判过 {by_persons} 次；程序从中学习，见 baosong learned 活动。"]
    said += [f"从不发信的地址：{'、'.join(never)}"] if never else []
    return Section(
        "养成的习惯", tuple(said), ("活动", "记住的发件人", "记住的名称", "电话记录", "自己的措辞"), tuple(rows)
    )
