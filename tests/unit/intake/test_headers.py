"""Header octets as Chinese mail writes them, and any octets at all."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.mime.headers import decode_header, decode_octets, parameters


def word(text: str, label: str, codec: str | None = None) -> bytes:
    return b"=?" + label.encode() + b"?B?" + base64.b64encode(text.encode(codec or label)) + b"?="


@pytest.mark.parametrize("label", ["gb2312", "GB2312", "gbk", "gb_2312-80", "x-gbk", "cp936"])
def test_a_gb2312_label_carries_gb18030(label: str) -> None:
    assert decode_header(word("朱镕喆", label, "gb18030")) == "朱镕喆"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_raw_octets_are_utf8_or_gb18030(codec: str) -> None:
    assert decode_header("关于报送材料（喆）".encode(codec)) == "关于报送材料（喆）"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
@pytest.mark.parametrize("gap", [b" ", b"\r\n ", b"", b"\n\t"])
def test_words_split_inside_a_character_are_joined_first(codec: str, gap: bytes) -> None:
    octets = "青年文明号开放周".encode(codec)
    words = [
        b"=?" + codec.encode() + b"?b?" + base64.b64encode(octets[i : i + 5]) + b"?=" for i in range(0, len(octets), 5)
    ]
    assert decode_header(gap.join(words)) == "青年文明号开放周"


def test_base64_split_without_padding_is_joined_first() -> None:
    text = base64.b64encode("汇总表附件材料".encode("gbk"))
    assert decode_header(b"=?gbk?B?" + text[:7] + b"?= =?gbk?B?" + text[7:] + b"?=") == "汇总表附件材料"


def test_words_of_two_charsets_are_decoded_each_by_its_own() -> None:
    assert decode_header(word("报送", "utf-8") + b" " + word("材料", "gbk")) == "报送材料"


def test_space_between_a_word_and_plain_text_stays() -> None:
    assert decode_header(b"Re: " + word("报送", "utf-8") + b" [WH2018-0042]") == "Re: 报送 [WH2018-0042]"


def test_q_words_know_underscores_and_hex() -> None:
    assert decode_header(b"=?utf-8?Q?=E6=8A=A5=E9=80=81_A?=") == "报送 A"


def test_a_wrong_label_falls_back_to_what_the_octets_are() -> None:
    assert decode_header(b"=?utf-8?B?" + base64.b64encode("威海市".encode("gbk")) + b"?=") == "威海市"
    assert decode_header(b"=?nonsense?B?" + base64.b64encode("威海市".encode()) + b"?=") == "威海市"
    assert decode_header(b"=?hex?Q?6162?=") == "6162"


def test_a_folded_header_is_one_line() -> None:
    assert decode_header(b" first\r\n\tsecond\r\n third\r\n") == "first second third"


def test_parameters_of_a_plain_header() -> None:
    assert parameters(b' Multipart/Mixed;\r\n\tboundary="a;b=c" ; Charset=GBK') == (
        "multipart/mixed",
        {"boundary": "a;b=c", "charset": "GBK"},
    )


def test_encoded_words_inside_quotes_are_read() -> None:
    value = b'attachment; filename="' + word("汇总", "gbk") + b"\r\n " + word("表.xls", "gbk") + b'"'
    assert parameters(value)[1]["filename"] == "汇总表.xls"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_raw_eight_bit_names_are_read(codec: str) -> None:
    value = b'attachment; filename="' + "誠信\u5de5作.doc".encode(codec) + b'"'
    assert parameters(value)[1]["filename"] == "誠信工作.doc"


def test_rfc_2231_sections_split_inside_a_character_are_joined() -> None:
    octets = "微视频.wmv".encode("gbk")
    percent = [f"%{octet:02X}" for octet in octets]
    value = f"attachment; filename*1*={''.join(percent[3:])}; filename*0*=gb2312''{''.join(percent[:3])}".encode()
    assert parameters(value)[1]["filename"] == "微视频.wmv"


def test_rfc_2231_sections_cut_inside_an_escape_are_joined() -> None:
    value = b"attachment; filename*0*=utf-8''%E6%B1%87%E; filename*1*=6%80%BB.xls; filename*2=\"%20\""
    assert parameters(value)[1]["filename"] == "汇总.xls%20"


def test_the_extended_name_wins_over_the_plain_one() -> None:
    value = b"attachment; filename=\"?.doc\"; filename*=UTF-8''%E8%A1%A8.doc"
    assert parameters(value)[1]["filename"] == "表.doc"


def test_plain_sections_holding_encoded_words_are_read() -> None:
    text = word("先进集体申报材料.doc", "utf-8")
    value = b'attachment; filename*0="' + text[:20] + b'"; filename*1="' + text[20:] + b'"'
    assert parameters(value)[1]["filename"] == "先进集体申报材料.doc"


def check_line(text: str) -> None:
    text.encode("utf-8")
    assert not {"\x00", "\r", "\n"} & set(text)


shreds = st.lists(
    st.sampled_from(
        [b"=?", b"?=", b"?B?", b"?q?", b"gb2312", b"utf-7", b"utf-16", b"\r\n ", b"=", b"+2AA-", b"\x00", b"'"]
    )
    | st.binary(max_size=12)
).map(b"".join)


@given(shreds | st.binary())
def test_any_octets_give_one_clean_line(octets: bytes) -> None:
    check_line(decode_header(octets))


@given(shreds | st.binary())
def test_any_octets_give_clean_parameters(octets: bytes) -> None:
    value, given_parameters = parameters(b"attachment; filename*0*=" + octets)
    check_line(value)
    for content in given_parameters.values():
        check_line(content)


@given(st.binary(), st.text(max_size=20))
def test_any_label_decodes_any_octets(octets: bytes, label: str) -> None:
    assert isinstance(decode_octets(octets, label), str)


@given(st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z"))))
def test_what_was_encoded_in_words_comes_back(text: str) -> None:
    assert decode_header(word(text, "gb2312", "gb18030")) == text
