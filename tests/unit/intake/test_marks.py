"""Marks: what must not travel further is found where it is borne, and prose about it is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Facts
from intake.measure.marks import has_identity_number, marks_of, names_identity_card, secrecy


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("机密★1年\n关于某事的报告", "机密"),
        ("秘密\n关于某事的报告", "秘密"),
        ("密级：机密\n紧急程度：特急", "机密"),
        ("000012\n绝  密\n特急", "绝密"),
        ("000012    秘密★长期\n特急", "秘密"),
        ("【秘密】", "秘密"),
        ("秘密\n机密★十年", "机密"),
        ("每个人都有保守秘密的义务", None),
        ("这是一个公开的秘密。", None),
        ("秘密花园", None),
        ("商业秘密管理办法\n一、总则", None),
        ("机密级计算机的管理", None),
        ("一\n" * 40 + "秘密", None),
        ("", None),
    ],
)
def test_a_secrecy_mark_is_a_line_of_its_own_near_the_top(text: str, level: str | None) -> None:
    assert secrecy(text, "材料.docx") == level


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("【机密】汇报.docx", "机密"),
        ("秘密★汇报.docx", "秘密"),
        ("保守秘密征文.docx", None),
        ("秘密花园.jpg", None),
    ],
)
def test_a_file_name_bears_a_mark_only_with_a_star_or_brackets(name: str, level: str | None) -> None:
    assert secrecy("", name) == level


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("号码11010519491231002X，请核对", True),
        ("号码 110105 19491231 002x", True),
        ("110105194912310021", False),  # check digit
        ("110105194913310020", False),  # month 13
        ("110105491231002", False),  # fifteen digits
        ("6222021001116245702", False),  # a bank card
        ("电话12345678901", False),
    ],
)
def test_an_identity_number_has_its_check_digit_and_a_birthday(text: str, found: bool) -> None:
    assert has_identity_number(text) is found


@given(st.text(alphabet="0123456789X -年月", max_size=60))
def test_no_row_of_digits_makes_the_search_raise(text: str) -> None:
    assert has_identity_number(text) in (True, False)


@pytest.mark.parametrize(
    "name", ["身份证正面.jpg", "身份证复印件.pdf", "张三身份证.jpg", "居民身份证反面.png", "身份证 (1).jpg"]
)
def test_a_name_that_says_identity_card_marks_the_file(name: str) -> None:
    assert marks_of(Facts(type="jpeg"), name) == ("身份证",)


@pytest.mark.parametrize(
    "name",
    ["身份证号码填写说明.docx", "身份证号统计表.xls", "征文《一张身份证的故事》.docx", "身份证明材料要求.doc", "1.jpg"],
)
def test_a_document_about_identity_cards_is_none(name: str) -> None:
    assert not names_identity_card(name)


def test_cells_and_fields_of_a_table_are_looked_at_too() -> None:
    cells = (("1", "张三", "11010519491231002X"),)
    assert marks_of(Facts(type="xlsx", cells=cells), "表.xlsx") == ("身份证号",)
    assert marks_of(Facts(type="xlsx", header={"联系人": "11010519491231002X"}), "表.xlsx") == ("身份证号",)
    assert marks_of(Facts(type="xlsx", text="秘密"), "身份证.xlsx") == ("秘密", "身份证")
