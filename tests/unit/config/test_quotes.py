"""Quotes are found whatever the white space and letter width, and a changed word is not."""

from config.campaign import Campaign
from config.loading import parse_campaign
from config.quotes import fold, missing_quotes

NOTICE = """　　关于报送“青年文明号”材料的通知
各单位：请于 2026 年 4 月10 日 前，报送图片作品 4—9 张为一
组，每组反映同一专题；像素不低于1600×1200。
**联系方式**：ＡＢＣ１２３（示例）"""

YAML = """\
id: demo
title: 通知
short: 通知
issuer: 示例
roster: demo.csv
contact: {name: 联系人, phone: 电话}
deadlines:
  - {id: main, by: 2026-04-10, quote: 请于2026年4月10日前}
items:
  - id: photo
    name: 图片
    deadlines: [main]
    quote: 报送图片作品
    rules:
      - {check: group, min: 4, max: 9, quote: 图片作品 4-9 张为一组}
      - {check: pixels, min_width: 1600, quote: 像素不低于1600×1200}
"""


def campaign(text: str = YAML) -> Campaign:
    made, problems = parse_campaign(text, "demo.yaml")
    assert made is not None, problems
    return made


def test_white_space_line_breaks_dashes_and_width_do_not_matter() -> None:
    assert missing_quotes(campaign(), NOTICE) == []
    assert fold("ＡＢＣ１２３（示 例）") == fold("abc123(示例)")
    assert fold("**联系方式**：") == "联系方式:"


def test_a_quote_that_is_not_in_the_notice_is_named_with_its_line() -> None:
    text = YAML.replace("像素不低于1600×1200", "像素不低于1920×1080")
    (problem,) = missing_quotes(campaign(text), NOTICE, text)
    assert (problem.code, problem.line, problem.severity) == ("quote-not-found", 16, "fault")
    assert "像素不低于1920×1080" in problem.text("zh")


def test_every_place_that_can_hold_a_quote_is_looked_at() -> None:
    text = YAML + (
        "totals: [{id: t, items: [photo], min: 1, quote: 甲}]\n"
        "obliged: {quote: 乙}\n"
        "windows: [{name: w, quote: 丙}]\n"
        "after: [{step: award, quote: 丁}]\n"
        "late: {quote: 戊}\n"
        "contradictions: [{quote: 己}]\n"
        "parent: {title: 上级通知, quote: 庚}\n"
        "eligibility: [{id: e, question: 是否？, quote: 辛}]\n"
    )
    lines = sorted(p.line or 0 for p in missing_quotes(campaign(text), NOTICE, text))
    assert lines == [17, 18, 19, 20, 21, 22, 23, 24]


def test_an_empty_quote_is_not_found() -> None:
    text = YAML.replace("quote: 报送图片作品", "quote: '  '")
    assert len(missing_quotes(campaign(text), NOTICE)) == 1
