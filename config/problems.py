"""What is wrong with a file the office wrote: where, how grave, and in two languages what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Gravity = Literal["fault", "warning"]
Lang = Literal["zh", "en"]


class Sentence(NamedTuple):
    """How one code is said. A fault keeps the file from being used; a warning is only shown."""

    severity: Gravity
    zh: str
    en: str


@dataclass(frozen=True)
class Problem:
    """One thing to mend in a file. line counts from 1; None when the problem is not in one line.

    params fill the sentence of `code` in `SENTENCES`.
    """

    file: str
    line: int | None
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> Gravity:
        """`fault` (the file is not used) or `warning` (it is used, the office should look)."""
        return SENTENCES[self.code].severity

    def text(self, lang: str = "zh") -> str:
        """The whole sentence with file and line, as one line of text; any language but `en` is Chinese."""
        sentence = SENTENCES[self.code]
        if lang == "en":
            place = self.file if self.line is None else f"{self.file}, line {self.line}"
            said = f"{place}: {sentence.en.format(**self.params)}"
        else:
            place = self.file if self.line is None else f"{self.file} 第 {self.line} 行"
            said = f"{place}：{sentence.zh.format(**self.params)}"
        return " ".join(said.splitlines())


def _fault(zh: str, en: str) -> Sentence:
    return Sentence("fault", zh, en)


def _warning(zh: str, en: str) -> Sentence:
    return Sentence("warning", zh, en)


SENTENCES: Mapping[str, Sentence] = {
    # --- the file itself
    "file-missing": _fault(
        "找不到这个文件，请检查文件名和所在文件夹", "there is no such file; check its name and folder"
    ),
    "file-unreadable": _fault(
        "无法读取（{reason}），请检查是否为文件、权限是否允许",
        "cannot be read ({reason}); check that it is a file you may read",
    ),
    "file-too-large": _fault(
        "文件过大（{size} 字节，上限 {limit} 字节），请检查是否放错了文件",
        "too large ({size} bytes, at most {limit}); check that it is the right file",
    ),
    "file-encoding": _fault(
        "文字编码无法识别，请另存为 UTF-8", "the text encoding is not known; save the file as UTF-8"
    ),
    "file-empty": _fault("文件是空的，请填写内容", "the file is empty; fill it in"),
    # --- YAML
    "yaml-tab": _fault(
        "这里用了制表符（Tab），YAML 只能用空格缩进，请改成空格",
        "a tab stands here; YAML is indented by spaces, replace it",
    ),
    "yaml-colon": _fault(
        "这里用了中文冒号“：”，请改成英文冒号加一个空格“: ”",
        "a full-width colon stands here; write an ASCII colon and a space",
    ),
    "yaml-broken": _fault(
        "YAML 写法有误（{detail}），请检查缩进、冒号后的空格和引号",
        "not valid YAML ({detail}); check indentation, the space after colons, and quotes",
    ),
    "yaml-deep": _fault("层次过深，请检查括号和缩进", "nested too deeply; check brackets and indentation"),
    "yaml-alias": _fault(
        "不支持用 * 引用别处的内容，请把内容写全", "references with * are not supported; write the content out"
    ),
    "yaml-key": _fault("键必须是简单文字，请改写", "a key must be plain text; rewrite it"),
    "duplicate-key": _fault(
        "键“{key}”重复（第 {first} 行已写过），请删去一个",
        "the key ‘{key}’ stands twice (first in line {first}); remove one",
    ),
    # --- keys and values
    "unknown-key": _fault(
        "不认识的键 ‘{key}’，可用的键：{known}，请改正或删去",
        "unknown key ‘{key}’; known keys: {known}; mend or remove it",
    ),
    "unknown-key-like": _fault(
        "不认识的键 ‘{key}’，是否想写 ‘{like}’？", "unknown key ‘{key}’; did you mean ‘{like}’?"
    ),
    "missing-key": _fault("缺少 ‘{key}’，请补上", "‘{key}’ is missing; add it"),
    "unknown-check": _fault(
        "不认识的检查 ‘{value}’，请从这些里选：{known}", "unknown check ‘{value}’; choose one of: {known}"
    ),
    "unknown-check-like": _fault(
        "不认识的检查 ‘{value}’，是否想写 ‘{like}’？", "unknown check ‘{value}’; did you mean ‘{like}’?"
    ),
    "not-one-of": _fault(
        "‘{key}’ 的值 ‘{value}’ 不对，请从这些里选：{known}",
        "‘{value}’ is not a value of ‘{key}’; choose one of: {known}",
    ),
    "number-not-text": _fault("‘{key}’ 应为文字，请给 {value} 加上引号", "‘{key}’ must be text; put {value} in quotes"),
    "not-text": _fault("‘{key}’ 应为一段文字，请改写", "‘{key}’ must be text; rewrite it"),
    "not-number": _fault(
        "‘{key}’ 的值 ‘{value}’ 应为数字（不带单位），请改写",
        "‘{key}’ must be a number without unit, not ‘{value}’; rewrite it",
    ),
    "number-range": _fault(
        "‘{key}’ 的值 {value} 超出范围（{bound}），请改正", "‘{key}’ is {value}, out of range ({bound}); correct it"
    ),
    "not-yes-no": _fault("‘{key}’ 应写 true 或 false，不是 ‘{value}’", "‘{key}’ must be true or false, not ‘{value}’"),
    "not-date": _fault(
        "‘{key}’ 的值 ‘{value}’ 不是有效的日期或时间，请写成 2018-08-20、2018-08-20 17:00 或 09:30",
        "‘{value}’ of ‘{key}’ is no valid date or time; write 2018-08-20, 2018-08-20 17:00 or 09:30",
    ),
    "not-list": _fault(
        "‘{key}’ 应为列表，请写成 [甲, 乙] 或每行以“- ”开头",
        "‘{key}’ must be a list; write [a, b] or lines that begin with ‘- ’",
    ),
    "not-mapping": _fault(
        "‘{key}’ 应为“键: 值”的形式，请改写", "‘{key}’ must be made of ‘key: value’ lines; rewrite it"
    ),
    "empty-list": _fault("‘{key}’ 至少要有一项，请补上", "‘{key}’ needs at least one entry; add it"),
    "bad-form": _fault(
        "‘{key}’ 的值 ‘{value}’ 不合格式（{pattern}），请改写",
        "‘{value}’ of ‘{key}’ does not have the form {pattern}; rewrite it",
    ),
    "bad-value": _fault(
        "‘{key}’ 的值 ‘{value}’ 不对（{detail}），请改正", "‘{value}’ of ‘{key}’ is not right ({detail}); correct it"
    ),
    # --- a campaign
    "unknown-id": _fault(
        "‘{key}’ 提到的 ‘{value}’ 没有定义，已定义的有：{known}；请改正或先定义",
        "‘{value}’ named in ‘{key}’ is not defined; defined are: {known}; correct it or define it",
    ),
    "duplicate-id": _fault(
        "{kind} 的 id ‘{value}’ 重复，请改用不同的 id", "the {kind} id ‘{value}’ stands twice; choose another"
    ),
    "bounds": _fault(
        "{min_key} {min} 大于 {max_key} {max}，请改正", "{min_key} {min} is greater than {max_key} {max}; correct them"
    ),
    "no-bound": _fault(
        "检查 ‘{check}’ 没有写任何界限，请写上数值（如 min 或 max）",
        "the check ‘{check}’ has no bound; give one (such as min or max)",
    ),
    "deadline-empty": _fault(
        "期限 ‘{value}’ 没有日期，请写 by（某日）或 every（每月、每季）",
        "deadline ‘{value}’ has no date; write `by` (a day) or `every` (month, quarter)",
    ),
    "deadline-empty-draft": _warning(
        "期限 ‘{value}’ 没有日期，开放活动前请写 by（某日）或 every（每月、每季）",
        "deadline ‘{value}’ has no date; write `by` (a day) or `every` (month, quarter) before the campaign opens",
    ),
    "odd-year": _fault(
        "‘{key}’ 是 {value} 年，应在 2000—2100 年之间，请把日期写成 2018-08-20",
        "‘{key}’ is in the year {value}, not in 2000–2100; write dates as 2018-08-20",
    ),
    "timezone": _fault(
        "不认识的时区 ‘{value}’，请写 Asia/Shanghai", "unknown time zone ‘{value}’; write Asia/Shanghai"
    ),
    "missing-quote": _fault(
        "{what} 没有写 quote，请抄上通知原句；通知没有写的，请写 confirm 或改成 severity: advice",
        "{what} has no quote; copy the notice's sentence, or, if there is none, write `confirm` or `severity: advice`",
    ),
    "quote-not-found": _fault(
        "通知里找不到这句：“{quote}”，请对照原文改正",
        "this sentence is not in the notice: “{quote}”; compare and correct it",
    ),
    "day-off": _warning(
        "期限 {day} 不是工作日，前一个工作日是 {before}，请确认是否照发；日期不会自动顺延",
        "the deadline {day} is not a working day (the one before is {before}); please confirm it, it is never moved",
    ),
    "step-before-opens": _warning(
        "截止前第 {step} 个工作日（{day}）的提醒早于活动开始（{opens}），不会发出；请调整 reminders 或 opens",
        "the reminder {step} working days ahead ({day}) lies before the campaign opens ({opens}) and will not be sent; "
        "change `reminders` or `opens`",
    ),
    "caps-start-early": _warning(
        "这个期限可能要提醒 {units} 个单位，按发信上限一天只能发 {a_day} 封：截止前第 {step} 个工作日的提醒将提前 "
        "{early} 个工作日，从 {first} 起分批发出",
        "up to {units} units may be reminded of this deadline and {a_day} letters a day may leave: the reminder {step} "
        "working days ahead starts {early} working days earlier, on {first}",
    ),
    "caps-cannot-hold": _warning(
        "发信上限不够：这个期限可能要提醒 {units} 个单位，一天只能发 {a_day} 封，从活动开始（{opens}）发起也来不及，"
        "截止前第 {step} 个工作日的提醒将有 {late} 个单位收不到；请提高 per_hour、per_day，或改早 opens、改晚提醒",
        "the caps are too low: up to {units} units may be reminded and {a_day} letters a day may leave; even from the "
        "opening day ({opens}) the reminder {step} working days ahead would miss {late} units; raise per_hour and "
        "per_day, open earlier or remind later",
    ),
    "caps-shared": _warning(
        "邮箱 {mailbox} 在 {day} 可能要发 {count} 封提醒（{campaigns}），按发信上限一天只能发 {a_day} 封，其余会顺延；"
        "请提高 per_hour、per_day，或错开提醒",
        "mailbox {mailbox} may have {count} reminders to send on {day} ({campaigns}) and {a_day} may leave; the others "
        "go later; raise per_hour and per_day, or remind on other days",
    ),
    "contact-placeholder": _warning(
        "活动已开放，但联系人还没有填写；填好之前信中不写联系人",
        "the campaign is open but its contact is not filled in; letters name no contact until it is",
    ),
    "confirm-open": _warning(
        "活动已开放，但还有待确认事项：{confirm}；确认后请删去 confirm",
        "the campaign is open but this still waits for confirmation: {confirm}; remove `confirm` when settled",
    ),
    "rolling-deadline": _warning(
        "‘{value}’ 随时报送，却写了期限；随时报送的材料不会催报，请确认",
        "‘{value}’ is rolling and yet has a deadline; rolling items are never reminded, please confirm",
    ),
    "deadline-unused": _warning(
        "期限 ‘{value}’ 没有一项材料使用，请在应报材料里写 deadlines，或删去它",
        "no item uses the deadline ‘{value}’; name it in an item's deadlines or remove it",
    ),
    "amended-past": _warning(
        "延期日期 {day} 早于原期限，不起作用，请检查",
        "the extension to {day} is before the deadline itself and does nothing; check it",
    ),
    # --- a roster
    "roster-no-header": _fault(
        "没有找到表头，第一行应有“编号”“单位名称”两列（或 code、name）",
        "no header row; the first row needs the columns code and name (编号, 单位名称)",
    ),
    "roster-unknown-column": _warning(
        "不认识的列“{column}”，已略过；可用的列：{known}",
        "unknown column ‘{column}’ is skipped; known columns: {known}",
    ),
    "roster-double-column": _fault(
        "列“{column}”出现了两次，请删去一列", "the column ‘{column}’ stands twice; remove one"
    ),
    "roster-no-code": _fault("没有编号，请给这个单位一个不重复的编号", "no code; give this unit a code of its own"),
    "roster-no-name": _fault("编号 {code} 没有单位名称，请补上", "{code} has no name; add it"),
    "roster-double-code": _fault(
        "编号 {code} 重复（第 {first} 行已用），请改用别的编号", "code {code} is taken by line {first}; choose another"
    ),
    "roster-bad-email": _fault(
        "邮箱 ‘{value}’ 写法不对，请改正，没有邮箱就留空",
        "‘{value}’ is not an e-mail address; correct it, or leave it empty",
    ),
    "roster-no-parent": _fault(
        "上级 ‘{value}’ 不是名册里的编号，请改正或留空",
        "parent ‘{value}’ is not a code of this roster; correct it or leave it empty",
    ),
    "roster-address-as": _fault(
        "称呼只能是“你单位”或“贵单位”，不是‘{value}’", "the address must be 你单位 or 贵单位, not ‘{value}’"
    ),
    "roster-empty": _fault("名册里没有一个单位，请填写", "the roster has no unit; fill it in"),
    "roster-broken": _fault(
        "表格无法打开（{detail}），请用 Excel 或 WPS 另存为 xlsx 或 CSV（UTF-8）",
        "the table cannot be opened ({detail}); save it again as xlsx or CSV (UTF-8)",
    ),
    "roster-unknown-item": _fault(
        "{unit} 的“应报”提到 ‘{value}’，活动 {campaign} 没有这项材料；可用：{known}",
        "{unit} owes ‘{value}’, but {campaign} has no such item; known: {known}",
    ),
    # --- files together
    "no-roster": _fault(
        "名册 {value} 不能用，活动已略过；请先改好名册",
        "the roster {value} cannot be used, so the campaign is left out; mend the roster",
    ),
    "plain-file-name": _fault(
        "‘{value}’ 应为单纯的文件名，不带文件夹", "‘{value}’ must be a plain file name without a folder"
    ),
    "unit-not-on-roster": _fault(
        "延期提到的单位 ‘{value}’ 不在名册里，请改成名册里的编号",
        "unit ‘{value}’ of the extension is not on the roster; use a code of the roster",
    ),
    "kind-not-on-roster": _warning(
        "单位类别 ‘{value}’ 在名册里一个也没有，请检查是否写错；名册里有：{known}",
        "no unit of the roster is of the kind ‘{value}’; check the spelling; the roster has: {known}",
    ),
    "mailbox-unknown": _fault(
        "邮箱 ‘{value}’ 没有在 settings.yaml 的 mailboxes 里定义，请先定义",
        "mailbox ‘{value}’ is not defined under mailboxes of settings.yaml; define it",
    ),
    "mailbox-unknown-draft": _warning(
        "邮箱 ‘{value}’ 没有在 settings.yaml 的 mailboxes 里定义，开放活动前请定义",
        "mailbox ‘{value}’ is not defined under mailboxes of settings.yaml; define it before the campaign opens",
    ),
    "no-mailbox": _warning(
        "活动已开放，但没有写 mailboxes，来信不会归到这个活动",
        "the campaign is open but names no mailbox, so no mail can reach it",
    ),
    "campaign-twice": _fault(
        "活动 id ‘{value}’ 已在 {other} 里用过，请改用别的 id",
        "campaign id ‘{value}’ is taken by {other}; choose another",
    ),
    "campaign-not-found": _fault(
        "campaigns 里列出的活动 ‘{value}’ 没有文件（或文件有误），现有：{known}",
        "the campaign ‘{value}’ listed under campaigns has no usable file; there are: {known}",
    ),
    "quota-file": _warning(
        "名额表 {value} 还没有，请在 quotas 文件夹里填写",
        "the quota table {value} is not there; fill it in under quotas",
    ),
    "quota-example": _warning(
        "{count} 个名额还是示例数字，请换成实际名额并删去备注里的“示例”",
        "{count} of the places are still example numbers; fill in the real ones and take the remark 示例 out",
    ),
    "quota-broken": _warning("名额表读不出来：{detail}", "the quota table cannot be read: {detail}"),
    "quota-number": _warning(
        "名额“{value}”不是数字，这一行没有计入", "the places ‘{value}’ are not a number; the row is left out"
    ),
    "quota-unit": _warning(
        "名册中没有编号为“{value}”的单位，这一行没有计入",
        "no unit on the roster has the code ‘{value}’; the row is left out",
    ),
    "mailbox-code-twice": _fault(
        "邮箱 {first} 和 {second} 的编号字母都是 {value}，请改用不同的字母",
        "mailboxes {first} and {second} both number with {value}; choose different letters",
    ),
    "year-unknown": _warning(
        "{year} 安排未录入，按周末和法定假日推算；国务院办公厅公布后请把放假和调休日期写进 calendar.yaml",
        "the days off of {year} are not entered; weekends and statutory days are assumed until calendar.yaml has them",
    ),
    "calendar-both": _fault(
        "{day} 同时写在 off 和 on 里，请删去一个", "{day} stands under both off and on; remove one"
    ),
    "calendar-span": _fault(
        "{first} 到 {last} 不对：后一天不能早于前一天，一段最多 {longest} 天，请检查年份和月份",
        "{first} to {last} is not right: the second day must not be earlier and a span has at most {longest} days",
    ),
    "calendar-worked": _warning(
        "{day} 本来就是工作日，不必写在 on 里；on 只写调休上班的周末，请检查日期",
        "{day} is a working day anyway; `on` is for weekends that are worked, check the date",
    ),
    "not-day-or-span": _fault(
        "‘{key}’ 的值 ‘{value}’ 看不懂，请写成 2027-01-01，一段日子写成 2027-01-01..2027-01-03",
        "‘{value}’ of ‘{key}’ is not a day; write 2027-01-01, or 2027-01-01..2027-01-03 for several days",
    ),
    "ocr-missing": _warning(
        "打开了 ocr，但没有安装文字识别；请运行 pip install 'baosong[ocr]'，或把 ocr 改回 false",
        "`ocr` is on but not installed; run pip install 'baosong[ocr]' or switch it off",
    ),
    "template-broken": _warning(
        "信件模板有误，暂用原有模板：{why}", "an own template is broken, the shipped one is used: {why}"
    ),
    "sender-is-login": _warning(
        "信以发信登录名 {login} 的名义发出（服务商只许这样），{address} 写作答复地址；退信会回到 {login}，"
        "请确认那里的信也转到本邮箱，或改用 {address} 自己的登录名",
        "letters leave as {login}, the SMTP login (providers allow nothing else), with {address} as Reply-To; returned "
        "letters go to {login}: have them forwarded here, or log in as {address}",
    ),
    "digest-address": _fault("‘{value}’ 不是邮箱地址，请改正", "‘{value}’ is not a mail address; correct it"),
    "digest-own-mailbox": _fault(
        "每日摘要不能发到收信邮箱 {value} 本身，请写工作人员自己的邮箱",
        "the digest cannot go to the campaign mailbox {value} itself; write an address of staff",
    ),
    "digest-to-unit": _fault(
        "{value} 是名册 {roster} 中“{unit}”的邮箱；每日摘要有各单位的名单和电话，不能发给报送单位，请删去",
        "{value} is the address of ‘{unit}’ on {roster}; the digest names all units and must not go to one; remove it",
    ),
    "tls-none": _fault(
        "tls: none 只允许用于本机，请改为 tls 或 starttls",
        "`tls: none` is only allowed for this machine; use tls or starttls",
    ),
}
"""code -> how grave it is and how it is said; every sentence ends with what to do."""


def faults(problems: tuple[Problem, ...] | list[Problem]) -> list[Problem]:
    """Only those that keep a file from being used."""
    return [problem for problem in problems if problem.severity == "fault"]
