"""A campaign drafted from the last one: nothing is lost but its dates, and `check` asks for each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.home import init_home
from config.loading import load_home
from config.renewing import changes, renewed
from config.roster import Roster, Unit

SHIPPED = ("anqing-2013", "bingtuan-2018", "guangdong-2017", "hainan-2017", "weihai-2018")


@pytest.mark.parametrize("old", SHIPPED)
def test_every_shipped_campaign_can_be_drafted_anew_and_lacks_only_its_dates(tmp_path: Path, old: str) -> None:
    init_home(tmp_path)
    folder = tmp_path / "campaigns"
    before = load_home(tmp_path).campaigns[old]
    text = renewed((folder / f"{old}.yaml").read_text("utf-8"), "next-2031", before.roster)
    (folder / "next-2031.yaml").write_text(text, "utf-8")
    home = load_home(tmp_path)
    mine = [problem for problem in home.problems if problem.file == "campaigns/next-2031.yaml"]
    dated = [deadline for deadline in before.deadlines if deadline.by is not None]
    assert [problem.code for problem in mine if problem.code != "mailbox-unknown-draft"] == [
        "deadline-empty-draft"
    ] * len(dated)
    after = home.campaigns["next-2031"]
    assert (after.status, after.issued, after.opens, after.doc_number) == ("draft", None, None, None)
    assert [item.id for item in after.items] == [item.id for item in before.items]
    assert [item.rules for item in after.items] == [item.rules for item in before.items]
    assert all("上次为" in (deadline.confirm or "") for deadline in after.deadlines if deadline.every is None)
    assert not any(window.begin or window.end for window in after.windows)


def test_comments_of_the_clerk_stay() -> None:
    text = "# 首行说明\nid: a-2018\ntitle: 通知 # 标题\nroster: a.csv\nstatus: open\nitems:\n  - id: x # 一项\n"
    new = renewed(text, "a-2019", "a-2019.csv")
    assert new == text.replace("a-2018", "a-2019").replace("a.csv", "a-2019.csv").replace("open", "draft")


def test_roster_changes_name_what_is_new_gone_and_changed() -> None:
    old = Roster((Unit("1", "甲局", emails=("a@x.test",), phone="1"), Unit("2", "乙局"), Unit("3", "丙局", owes=())))
    new = Roster((Unit("1", "甲局", emails=("b@x.test",), phone="1"), Unit("9", "丙局"), Unit("4", "丁局")))
    assert [(one.what, one.unit.name, one.how) for one in changes(old, new)] == [
        ("changed", "甲局", "邮箱 a@x.test → b@x.test"),
        ("changed", "丙局", "编号 3 → 9；应报 无 → 全部"),
        ("new", "丁局", ""),
        ("gone", "乙局", ""),
    ]
    assert changes(old, old) == []
