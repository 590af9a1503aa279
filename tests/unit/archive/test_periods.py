"""What is owed every month is judged by what came in that month; what came before is kept and asked about no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.checklist import checklist
from archive.judging.periods import looked_at, running
from archive.judging.works import unclear_works
from archive.records import Announced, Checklist, Held, Holdings, PieceDecision, Registered
from config.campaign import Campaign
from tests.unit.archive.asked import UNIT, at, campaign, codes, mail, piece, registered, said

COUNT = [{"check": "count", "min": 1}]
NEWS = {"id": "news", "name": "活动信息", "deadlines": ["monthly"], "rules": COUNT}
TABLE = {"id": "table", "name": "报表", "kind": "table", "deadlines": ["monthly"], "rules": [*COUNT, {"check": "seal"}]}
ROLLING = {"id": "stories", "name": "典型事迹", "kind": "materials", "rolling": True}
ONCE = {"id": "plan", "name": "方案", "deadlines": ["main"], "rules": COUNT}
MONTHLY = {"id": "monthly", "every": "month", "day": 25}


def asked(*items: dict[str, object]) -> Campaign:
    deadlines = [MONTHLY, {"id": "main", "by": at(9, 30).date()}]
    return campaign("monthly", None, list(items or (NEWS,)), deadlines=deadlines)


def listed(of: Campaign, now: datetime, *held: Held, notes: tuple[Registered, ...] = ()) -> Checklist:
    return checklist(of, UNIT, Holdings(of.id, UNIT.code, held, notes), now)


def test_only_what_came_since_the_last_turn_counts() -> None:
    of = asked()
    july = mail(of, "N1", at(7, 10), said(piece("7月.docx"), "news"))
    assert listed(of, at(7, 20), july).item("news").state == "complete"
    august = listed(of, at(7, 27), july)
    assert (august.state, august.item("news").have, august.item("news").works) == ("silent", 0, ())
    both = listed(of, at(8, 20), july, mail(of, "N2", at(8, 20, 9), said(piece("8月.docx"), "news")))
    assert (both.state, both.item("news").have, both.item("news").findings) == ("complete", 1, ())


def test_what_comes_at_the_very_beginning_of_a_turn_counts_for_it() -> None:
    of = asked()
    begin = datetime(2018, 7, 26, tzinfo=of.zone).astimezone(UTC)
    before = mail(of, "N1", begin - timedelta(seconds=1), said(piece("a.docx"), "news"))
    after = mail(of, "N2", begin, said(piece("b.docx"), "news"))
    assert listed(of, at(8, 1), before).item("news").have == 0
    assert listed(of, at(8, 1), after).item("news").have == 1


def test_a_late_file_settles_the_turn_that_closed_and_counts_for_the_one_that_runs() -> None:
    of = asked()
    late = mail(of, "N1", at(7, 26), said(piece("7月.docx"), "news"))
    closed = datetime(2018, 7, 26, tzinfo=of.zone).astimezone(UTC) - timedelta(microseconds=1)
    assert listed(of, closed, late).item("news").have == 1
    assert listed(of, at(7, 27), late).item("news").have == 1


def test_an_undecided_file_of_an_earlier_turn_is_no_doubt_about_this_one() -> None:
    of = asked()
    loose = mail(of, "N1", at(7, 10), said(piece("无题.docx"), None))
    assert listed(of, at(7, 20), loose).item("news").state == "review"
    assert (listed(of, at(8, 1), loose).item("news").state, listed(of, at(8, 1), loose).state) == ("none", "silent")


def test_what_was_announced_and_registered_for_an_earlier_turn_is_over() -> None:
    of = asked(TABLE)
    more = mail(of, "N1", at(7, 24), said(piece("说明.docx"), None, none=True), announced=(Announced("另发", "more"),))
    assert listed(of, at(7, 25), more).item("table").announced
    assert not listed(of, at(8, 1), more).item("table").announced
    seal, paper = registered("seal", "table", at(7, 20)), registered("paper", "table", at(7, 20))
    assert listed(of, at(7, 21), notes=(seal, paper)).item("table").have == 1
    assert listed(of, at(8, 1), notes=(seal, paper)).item("table").have == 0
    august = mail(of, "N2", at(8, 2), said(piece("8月.xlsx", rows=2), "table"))
    assert "seal-unconfirmed" in codes(listed(of, at(8, 3), august, notes=(seal,)), "table")


def test_what_is_rolling_or_owed_once_keeps_what_came_before() -> None:
    of = asked(NEWS, ROLLING, ONCE)
    first = mail(of, "N1", at(7, 10), said(piece("7月.docx"), "news"), said(piece("方案.docx"), "plan"))
    story = mail(of, "N2", at(7, 11), said(piece("事迹.docx"), "stories"))
    august = listed(of, at(8, 1), first, story)
    assert [(one.item, one.have) for one in august.items] == [("news", 0), ("stories", 1), ("plan", 1)]
    assert august.state == "short"


def test_the_document_of_the_next_month_is_no_second_edition_of_this_one() -> None:
    of = asked()
    held = Holdings(
        of.id,
        UNIT.code,
        (
            mail(of, "N1", at(7, 10), said(piece("活动信息.docx", title="活动信息"), "news", "活动信息")),
            mail(of, "N2", at(8, 10), said(piece("活动信息2.docx", title="活动信息"), "news", "活动信息二")),
        ),
    )
    assert unclear_works(of, running(of, UNIT, held, at(8, 11))) == ()


def test_a_campaign_without_turns_is_left_as_it_is() -> None:
    of = campaign("once", at(8, 20).date(), [{"id": "plan", "name": "方案", "deadlines": ["main"]}])
    held = Holdings(of.id, UNIT.code, (mail(of, "N1", at(7, 10), (piece("a.docx"), PieceDecision("a.docx", "plan"))),))
    assert running(of, UNIT, held, at(8, 30)) is held
    assert looked_at(of, at(7, 10), at(8, 1)) == at(8, 1)
    assert looked_at(asked(), at(7, 10), at(8, 1)) == at(7, 10)


def test_up_to_which_day_something_is_registered_is_no_thing_registered() -> None:
    of = campaign("discs", at(8, 20).date(), [{"id": "disc", "name": "光盘", "channel": "disc", "deadlines": ["main"]}])
    note = Registered(UNIT.code, "disc", "upto", at(8, 1), "王", "2018-08-01")
    assert (listed(of, at(8, 2), notes=(note,)).state, listed(of, at(8, 2), notes=(note,)).item("disc").have) == (
        "silent",
        0,
    )
