"""Every problem can be said, is used, and says what to do."""

import re
import string
from pathlib import Path

import pytest

from config.problems import SENTENCES, Problem, faults

PROJECT = Path(__file__).parents[3]
REPORTING = [*(PROJECT / "config").glob("*.py"), PROJECT / "intake/cli/setup.py"]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in REPORTING)


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_know_the_same_values_and_the_code_is_used(code: str) -> None:
    sentence = SENTENCES[code]
    assert holes(sentence.zh) >= holes(sentence.en)
    assert re.search(r"[\u4e00-\u9fff]", sentence.zh)
    assert len(re.findall(f'"{code}"', SOURCES)) >= 2, "the table and at least one place that reports it"


def test_a_problem_names_file_and_line_where_there_is_one() -> None:
    assert Problem("a.yaml", 4, "file-empty").text("zh") == "a.yaml 第 4 行：文件是空的，请填写内容"
    assert Problem("a.yaml", None, "file-empty").text("en") == "a.yaml: the file is empty; fill it in"


def test_faults_are_told_from_warnings() -> None:
    fault, warning = Problem("a", 1, "file-empty"), Problem("a", 1, "day-off", {"day": "x"})
    assert faults([fault, warning]) == [fault]


def test_braces_in_a_value_are_only_text() -> None:
    assert "{x}" in Problem("a", 1, "missing-key", {"key": "{x}"}).text()
