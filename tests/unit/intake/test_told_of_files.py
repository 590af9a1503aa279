"""What a mail's own words say its files are, in words of many clerks; and what stays a question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.records import Facts, Piece
from intake.classify import classify
from tests.season.score import known
from tests.unit.intake.judged import attach, mail


def items(
    text: str, *names: str, box: str = "weihai", subject: str = "材料", files: tuple[Piece, ...] = ()
) -> list[str]:
    """The item of each file ("?" asked, "-" no material) in a mail of these words."""
    one = known()[box]
    decided = classify(mail(subject, text), files or attach(*names), one.campaign, None)
    return ["-" if each.none else each.item or "?" for each in decided if not each.path.startswith("text")]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("附件1为典型事迹，附件2是青之见的稿子。", ("附件1.doc", "附件2.doc"), ["news", "essay"]),
        ("1.征文\n2.工作总结", ("1.docx", "2.docx"), ["essay", "materials"]),
        ("征文《海风里的窗口》一篇", ("海风里的窗口.docx",), ["essay"]),
        ("总结、征文各一篇", ("年度总结.docx", "海风里的窗口.docx"), ["materials", "essay"]),
        ("改革开放青观察一组", tuple(f"DSC_0{n}.jpg" for n in range(4)), ["photo"] * 4),
        ("《老街》一组图片", tuple(f"老街{n}.jpg" for n in range(1, 5)), ["photo"] * 4),
        ("汇总表盖章后拍照发来", ("扫描0001.jpg",), ["works_table"]),
        ("征文一篇，另附联系方式", ("海风.docx", "名片.jpg"), ["essay", "-"]),
        ("总结和活动照片", ("总结.docx", "1.jpg", "2.jpg"), ["materials"] * 3),
        (
            "“老病历”打头的4张是青观察。“义诊”打头的是图文资料",
            ("老病历1.jpg", "老病历2.jpg", "义诊1.jpg", "义诊2.jpg"),
            ["photo", "photo", "materials", "materials"],
        ),
        ("《海带绳》4张，征文删到1980字", tuple(f"微信图片_{n}.jpg" for n in range(4)), ["photo"] * 4),
        ("照片都在这了", ("照片.zip>1.jpg", "照片.zip>2.jpg"), ["?", "?"]),
        ("总结、征文各一篇", ("1.docx", "2.docx"), ["?", "?"]),
        ("请查收", ("海风里的窗口.docx",), ["?"]),
    ],
)
def test_the_mails_words_say_what_a_file_is(text: str, names: tuple[str, ...], expected: list[str]) -> None:
    seen = items(text, *names)
    assert seen[-len(expected) :] == expected


@pytest.mark.parametrize("name", ["威创青文字〔2018〕3号.pdf", "关于做好青年文明号创建工作的通知.doc", "附.docx"])
def test_the_notice_itself_is_no_material_under_any_name(name: str) -> None:
    title = known()["weihai"].campaign.title
    notice = replace(attach(name)[0], facts=Facts(type="docx", title=title if name == "附.docx" else None))
    assert items("通知一并附上", files=(notice,)) == ["-"]


def test_a_document_the_table_lists_is_no_caption_of_the_film_beside_it() -> None:
    table = replace(
        attach("汇总表.xlsx")[0],
        facts=Facts(
            type="xlsx",
            columns=("作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式"),
            cells=(("“品牌建设青之见”征文", "海风里的窗口", "征文", "窗口", "某"),),
            rows=1,
        ),
    )
    files = (
        table,
        *(replace(each, path=f"9{each.path}") for each in attach("作品.zip>海风.mp4", "作品.zip>海风里的窗口.docx")),
    )
    assert items("", files=files)[-1] == "essay"


def test_a_stamped_scan_in_a_mail_about_the_table_is_the_table() -> None:
    assert items("盖章件一并附上", "扫描件.pdf", "汇总表.xls", subject="汇总表", box="hainan") == ["works_table"] * 2


def test_a_code_to_scan_may_be_a_work_and_is_asked_about() -> None:
    assert items("作品一件", "二维码.jpg") == ["?"]
