"""No input makes the readers raise, and every problem can be said in both languages."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from config.loading import load_settings, parse_campaign
from config.problems import Problem
from config.roster_files import parse_roster
from config.yaml_lines import read_yaml

GOOD = Path(__file__).parents[3] / "config" / "campaigns" / "hainan-2017.yaml"
LINES = GOOD.read_text(encoding="utf-8").splitlines()
YAMLISH = st.text(alphabet="ab01:-?[]{}&*!|>'\"%@`,# \n\t~<=./：、", max_size=80)


def sayable(problems: list[Problem]) -> None:
    for problem in problems:
        assert "\n" not in problem.text("zh")
        assert "\n" not in problem.text("en")


@given(st.one_of(st.text(max_size=200), YAMLISH))
@settings(max_examples=250, deadline=None)
def test_random_text_never_raises(text: str) -> None:
    document, problems = read_yaml(text, "x.yaml")
    assert (document is None) == bool(problems)
    campaign, problems = parse_campaign(text, "x.yaml")
    assert campaign is None
    assert problems
    sayable(problems)


@given(st.integers(0, len(LINES) - 1), st.integers(0, 40), YAMLISH)
@settings(max_examples=80, deadline=None)
def test_a_good_campaign_with_a_scribble_in_one_line_never_raises(number: int, column: int, scribble: str) -> None:
    rows = list(LINES)
    rows[number] = rows[number][:column] + scribble + rows[number][column + 3 :]
    _, problems = parse_campaign("\n".join(rows), "x.yaml")
    sayable(problems)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8) | st.dates().map(str),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "by", "check", "x", "min"]), inner)
    ),
    max_leaves=6,
)
KEYS = ["id", "title", "short", "issuer", "items", "deadlines", "totals", "contact", "issued", "late", "after", "bogus"]


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
@settings(max_examples=80, deadline=None)
def test_well_formed_yaml_of_the_wrong_shape_never_raises(data: dict[str, object]) -> None:
    text = "\n".join(f"{key}: {_flow(value)}" for key, value in data.items())
    campaign, problems = parse_campaign(text, "x.yaml")
    assert campaign is None
    sayable(problems)


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return (
        {None: "~", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, int) else str(value)
    )


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(lambda b: b"PK\x03\x04" + b)))
@settings(max_examples=200, deadline=None)
def test_random_bytes_as_a_roster_never_raise(data: bytes) -> None:
    roster, problems = parse_roster(data, "x.csv")
    assert roster is None
    assert problems
    sayable(problems)


@given(st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_rows_under_a_header_never_raise(rows: list[list[str]]) -> None:
    text = "编号,单位名称,邮箱,上级,应报\n" + "\n".join(",".join(row) for row in rows)
    _, problems = parse_roster(text.encode("utf-8", "replace"), "x.csv")
    sayable(problems)


def test_a_settings_file_of_junk_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("mailboxes: [1, 2]\nworkers: 99\nanswers: {sending: perhaps}\n", encoding="utf-8")
    made, problems = load_settings(path)
    assert made is None
    assert [(p.code, p.line) for p in problems] == [("not-mapping", 1), ("number-range", 2), ("not-yes-no", 3)]
