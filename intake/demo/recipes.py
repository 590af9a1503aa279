"""What a unit puts into one mail: each recipe is one kind of mail an office knows, made for the unit that sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from archive.records import Letter, LetterKind
from config.campaign import Campaign
from config.roster import Unit
from intake.demo import make
from intake.demo.mails import ZONE, Answered, Client, File, Head, away, bounce, forwarded, mail

WEIHAI_COLUMNS = ("作品类别", "作品名称", "展示形式", "创作集体", "集体联系人及联系方式")
APPLICANT_COLUMNS = ("集体名称", "所获师级青年文明号时间", "是否网上报备")
HAINAN_COLUMNS = ("序号", "类别", "作品名称", "推报集体名称")


@dataclass(frozen=True)
class Scene:
    """Who writes when, and what the office wrote before: `letters` are those already sent, oldest first."""

    campaign: Campaign
    unit: Unit | None
    to: str
    at: datetime
    letters: Sequence[Letter] = field(default=())

    @property
    def name(self) -> str:
        """The unit's full name."""
        return self.unit.name if self.unit else ""

    @property
    def short(self) -> str:
        """How people call the unit."""
        return (self.unit.aliases or (self.unit.name,))[0] if self.unit else ""

    @property
    def day(self) -> str:
        """The day of the scene as people write it below a letter."""
        local = self.at.astimezone(ZONE)
        return f"{local.year}年{local.month}月{local.day}日"

    def head(self, subject: str, sender: str = "", sender_name: str | None = None) -> Head:
        """From the unit's own address unless another is given."""
        own = self.unit.emails[0] if self.unit and self.unit.emails else "sender@example.test"
        shown = self.short if sender_name is None else sender_name
        return Head(sender or own, shown, self.to, self.at, subject)

    def send(
        self, subject: str, text: str, files: Sequence[File] = (), client: Client = "qq", sender: str = "",
        sender_name: str | None = None, answers: Answered | None = None, page: str | None = None,
    ) -> bytes:  # fmt: skip
        """A mail of the unit, signed with its name and the day."""
        signed = f"{text}\n\n{self.name}\n{self.day}" if self.name else text
        return mail(client, self.head(subject, sender, sender_name), signed, files, answers, page=page)

    def letter(self, kind: LetterKind | None = None) -> Letter:
        """The last letter this unit got (of that kind)."""
        for letter in reversed(self.letters):
            if self.unit and letter.unit == self.unit.code and kind in (None, letter.kind):
                return letter
        raise LookupError(f"{self.name} has had no {kind or 'letter'} by {self.at}")

    def answered(self, kind: LetterKind | None = None) -> Answered:
        """That letter, to be answered."""
        letter = self.letter(kind)
        return Answered(letter.message_id or "", letter.subject, self.to, letter.text)


# --- materials ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _drawn(width: int, height: int, seed: int) -> bytes:
    return make.jpeg(width, height, seed)


def photo(scene: Scene, seed: int, width: int = 1600, height: int = 1200) -> bytes:
    """One of a few drawn scenes, with the unit's name in its comment, so that no two units send the same bytes."""
    picture = _drawn(width, height, seed % 9)
    remark = f"{scene.name}{seed}".encode()
    return picture[:2] + b"\xff\xfe" + (len(remark) + 2).to_bytes(2, "big") + remark + picture[2:]


def photos(scene: Scene, count: int, names: str = "{}.jpg", width: int = 1600, height: int = 1200) -> list[File]:
    """A set of pictures, numbered from 1."""
    return [File(names.format(n), photo(scene, n, width, height)) for n in range(1, count + 1)]


def paper(scene: Scene, name: str, characters: int, ending: str = "docx") -> File:
    """A Word document named like its title."""
    title = name.rpartition("/")[2]
    return File(f"{name}.{ending}", make.docx(title, characters=characters, topic=title, header=scene.name))


def packed(name: str, files: Sequence[File], broken: bool = False) -> File:
    """A ZIP with GBK names; broken: cut off, as an upload that did not end."""
    data = make.zip_of({file.name: file.data for file in files})
    return File(name, data[: len(data) * 2 // 3] if broken else data)


def summary(scene: Scene) -> File:
    """hainan: 活动整体工作总结."""
    return paper(scene, f"{scene.short}青年文明号开放周活动整体工作总结", 1800)


def experience(scene: Scene) -> File:
    """hainan: 基层典型经验."""
    return paper(scene, f"{scene.short}基层典型经验材料", 1500)


def caption(scene: Scene, title: str, characters: int = 150) -> File:
    """The short text that goes with a set of pictures."""
    return File(f"{title}/作品说明.docx", make.docx("作品说明", characters=characters, topic=title, header=scene.name))


def story(scene: Scene, title: str, count: int = 6, width: int = 1600, height: int = 1200) -> list[File]:
    """hainan: a 微故事, pictures and its text in one folder."""
    folder = f"微故事《{title}》"
    return [*photos(scene, count, folder + "/{}.jpg", width, height), caption(scene, folder)]


def hainan_table(scene: Scene, rows: Sequence[tuple[str, str]]) -> File:
    """hainan: 微作品选送汇总表; rows: form and title."""
    lines = [[n, form, title, f"{scene.short}青年文明号"] for n, (form, title) in enumerate(rows, start=1)]
    data = make.table_xlsx("微作品选送汇总表", scene.name, scene.day, HAINAN_COLUMNS, lines, seal=False)
    return File("微作品选送汇总表.xlsx", data)


def works_table(scene: Scene, rows: Sequence[tuple[str, str, str]], name: str = "推荐成果汇总表") -> File:
    """weihai, bingtuan: the table of works; rows: class, title, form."""
    contact = f"{scene.unit.contact} {scene.unit.phone}" if scene.unit else ""
    lines = [[kind, title, form, f"{scene.short}某青年集体", contact] for kind, title, form in rows]
    data = make.table_xlsx(f"“青年文明号”{name}", scene.name, scene.day, WEIHAI_COLUMNS, lines)
    return File(f"{name}.xlsx", data)


def applicants(scene: Scene, columns: Sequence[str] = APPLICANT_COLUMNS, ending: str = "xlsx") -> File:
    """bingtuan: 申报集体汇总表 with three teams."""
    rows = [
        [f"{scene.short}{team}", f"201{n}年5月", "是"]
        for n, team in enumerate(("政务服务窗口", "医院急诊科", "供电所"), start=4)
    ]
    title, label = "2018年度兵团青年文明号申报集体汇总表", "单位名称（盖章）"
    rows = [row[: len(columns)] for row in rows]
    write = make.table_xlsx if ending == "xlsx" else make.table_docx
    data = write(title, scene.name, scene.day, columns, rows, label=label)
    return File(f"{scene.short}{title}.{ending}", data)


def picture_work(scene: Scene, title: str, count: int, width: int = 1600, height: int = 1200) -> list[File]:
    """weihai, bingtuan: a “改革开放青观察” set with its text in a folder."""
    folder = f"“改革开放青观察”图片作品《{title}》"
    return [*photos(scene, count, folder + "/{}.jpg", width, height), caption(scene, folder)]


# --- anqing: anything at any time ---------------------------------------------------------------------------------


def news_text(scene: Scene) -> bytes:
    """News written into the mail itself."""
    words = make.text(260, "青年文明号为民服务统一行动", scene.at.day)
    return scene.send(f"{scene.short}“我的中国梦”青年文明号活动信息", words, client="foxmail")


def news_paper(scene: Scene) -> bytes:
    """News as a document with two pictures."""
    name = f"{scene.short}开展“我的中国梦”青年文明号为民服务统一行动"
    files = [paper(scene, name, 700), *photos(scene, 2, "活动照片{}.jpg")]
    return scene.send(f"报送活动信息：{scene.short}", "现将我单位活动信息报送，请查收。", files, "netease")


def news_photos(scene: Scene) -> bytes:
    """Pictures of an activity in an archive with GBK names."""
    files = [packed("活动照片.zip", photos(scene, 5, "为民服务/现场{}.jpg"))]
    return scene.send(f"{scene.short}青年文明号活动照片", "附件是“我的中国梦”活动照片，请查收。", files)


def pasted_pictures(scene: Scene) -> bytes:
    """No word, only pictures pasted into the mail."""
    files = [File(f"IMG_{1020 + n}.jpg", photo(scene, n), inline=True) for n in range(3)]
    return mail("phone", scene.head(f"{scene.short}青年文明号活动照片"), "", files)


def news_video(scene: Scene) -> bytes:
    """A short film."""
    files = [File("我的中国梦-青年文明号在行动.mp4", make.sample("short.mp4"))]
    return scene.send(f"{scene.short}青年文明号活动视频", "现报送活动视频一部，请查收。", files)


def news_long_name(scene: Scene) -> bytes:
    """Outlook: a long file name in numbered pieces (RFC 2231)."""
    name = f"{scene.name}开展“我的中国梦”主题教育实践活动暨青年文明号开放日的情况报告"
    return scene.send(f"{scene.short}活动信息", "现报送活动信息，请查收。", [paper(scene, name, 900)], "outlook")


def news_raw(scene: Scene) -> bytes:
    """An old office system: raw GBK octets in the headers."""
    files = [paper(scene, f"{scene.short}青年文明号活动简报", 600)]
    return scene.send(f"{scene.short}青年文明号活动简报第3期", "现将简报报送，请查收。", files, "old")


def private_address(scene: Scene) -> bytes:
    """The clerk writes from a private address that nobody has confirmed."""
    words = f"您好！我是{scene.short}的工作人员。" + make.text(200, "青年文明号集体走进校园", 7)
    return scene.send("报送“我的中国梦”活动信息", words, sender="clerk-0417@mail.example.test", sender_name="小李")


def picture_size_asked(scene: Scene) -> bytes:
    """A question: no receipt, a line in the queue."""
    return scene.send("关于活动照片的咨询", "老师您好，请问报送的活动照片对大小有要求吗？", client="netease")


def away_note(scene: Scene) -> bytes:
    """自动回复 to our last letter, with the header that says so."""
    head = scene.head("自动回复：" + scene.letter().subject)
    return away(head, scene.answered(), "您好，我已外出学习，邮件稍后处理。")


def away_note_unmarked(scene: Scene) -> bytes:
    """自动回复 that only its subject gives away."""
    head = scene.head("自动回复:" + scene.letter().subject)
    return away(head, scene.answered(), "您好，邮件已收到，将尽快处理。", marked=False)


def bounced(scene: Scene) -> bytes:
    """Our last letter comes back: no such user."""
    letter = scene.letter()
    head = Head("postmaster@mx.example.test", "", scene.to, scene.at, "系统退信")
    return bounce(head, letter.body, letter.to)


def newsletter(scene: Scene) -> bytes:
    """A mailing list."""
    head = Head("news@list.example.test", "办公资讯", scene.to, scene.at, "本周办公技巧：如何做好活动总结")
    more = ["List-Id: <news.list.example.test>", "List-Unsubscribe: <mailto:leave@list.example.test>"]
    return mail("foxmail", head, "本期目录：一、表格技巧；二、打印机保养。", more=more)


def advertisement(scene: Scene) -> bytes:
    """Other business: nothing of a campaign in it."""
    head = Head("sales@shop.example.test", "办公用品", scene.to, scene.at, "打印纸、硒鼓报价单")
    files = [File("报价单.xlsx", make.table_xlsx("报价单", "", "", ("品名", "单价"), [["打印纸", 23]], seal=False))]
    return mail("qq", head, "您好，附件是本月报价，欢迎选购。", files)


def other_business(scene: Scene) -> bytes:
    """Mail of another office about something else."""
    head = Head("xuexi@office.example.test", "学习办", scene.to, scene.at, "周五下午学习安排")
    return mail("netease", head, "各科室：周五下午三点在二楼会议室集中学习，请准时参加。")


# --- hainan -------------------------------------------------------------------------------------------------------


def both_reports(scene: Scene) -> bytes:
    """Both papers, all in order."""
    words = "现将我单位开放周活动整体工作总结和基层典型经验各1篇报送，请查收。"
    return scene.send(f"{scene.short}青年文明号开放周材料", words, [summary(scene), experience(scene)])


def all_of_hainan(scene: Scene) -> bytes:
    """Both papers, a 微故事 and the table."""
    title = "灯塔下的守望"
    files = [summary(scene), experience(scene), packed("微作品.zip", story(scene, title)),
             hainan_table(scene, [("微故事", title)])]  # fmt: skip
    return scene.send(f"{scene.short}开放周总结、典型经验和微作品", "现报送开放周材料，请查收。", files, "foxmail")


def summary_only(scene: Scene) -> bytes:
    """One of two; the other is simply not there yet."""
    return scene.send(f"{scene.short}青年文明号开放周活动总结", "现报送工作总结，请查收。", [summary(scene)], "netease")


def experience_in_reply(scene: Scene) -> bytes:
    """The other one, in answer to our receipt, which stands quoted below."""
    letter = scene.answered()
    words = "您好，补上基层典型经验1篇，请查收。"
    return scene.send("Re: " + letter.subject, words, [experience(scene)], "netease", answers=letter)


def weak_film(scene: Scene) -> bytes:
    """Both papers in an archive; the film is too small and its bit rate too low."""
    files = [summary(scene), experience(scene), File("微视频《椰风里的坚守》.wmv", make.sample("weak.wmv"))]
    words = "开放周材料见压缩包，请查收。"
    return scene.send(f"{scene.short}青年文明号开放周材料", words, [packed(f"{scene.short}开放周材料.zip", files)])


def good_film(scene: Scene) -> bytes:
    """The film again, in answer to the 补报通知."""
    letter = scene.answered("shortfall")
    files = [File("微视频《椰风里的坚守》.wmv", make.sample("good.wmv"))]
    return scene.send("回复：" + letter.subject, "已按要求重新导出，以此件为准。", files, answers=letter)


def first_of_two(scene: Scene) -> bytes:
    """（1/2）."""
    return scene.send(f"{scene.short}开放周材料（1/2）", "工作总结，另一封随后发送。", [summary(scene)], "outlook")


def second_of_two(scene: Scene) -> bytes:
    """（2/2）: answered together with the first."""
    return scene.send(f"{scene.short}开放周材料（2/2）", "典型经验。", [experience(scene)], "outlook")


def damaged_archive(scene: Scene) -> bytes:
    """An archive that was cut off."""
    files = [packed(f"{scene.short}开放周总结和典型经验.zip", [summary(scene), experience(scene)], broken=True)]
    return scene.send(f"{scene.short}青年文明号开放周材料", "请查收。", files)


def whole_archive(scene: Scene) -> bytes:
    """The archive again, whole, in answer to our letter."""
    letter = scene.answered()
    files = [packed(f"{scene.short}开放周总结和典型经验.zip", [summary(scene), experience(scene)])]
    return scene.send("Re:" + letter.subject, "重新打包发送，请查收。", files, answers=letter)


def says_all_sent(scene: Scene) -> bytes:
    """“已全部报送”, and one is missing."""
    words = "我单位开放周材料已全部报送，见附件。"
    return scene.send(f"{scene.short}开放周材料", words, [summary(scene)], "foxmail")


def small_pictures(scene: Scene) -> bytes:
    """Both papers and pictures squeezed by a chat program; raw GBK headers."""
    pictures = [packed("微作品.zip", story(scene, "平安路上", 6, 1080, 810))]
    files = [summary(scene), experience(scene), *pictures]
    return scene.send(f"{scene.short}开放周总结、典型经验、微故事", "现报送有关材料，请查收。", files, "old")


def passed_on(scene: Scene) -> bytes:
    """The unit forwards the mail of one of its bodies as an attachment."""
    inner = Head("hospital@weiji.example.test", "县医院团委", scene.head("").sender, scene.at, "开放周总结和典型经验")
    files = [summary(scene), experience(scene)]
    words = "现将总结和典型经验报上，请审阅。"
    inside = mail("qq", inner, words, files)
    head = scene.head(f"{scene.short}开放周材料")
    return forwarded("foxmail", head, f"见附件。\n\n{scene.name}", inside, "基层来件.eml")


def rest_follows(scene: Scene) -> bytes:
    """“其余另发”: the window stays open longer, and no reminder goes."""
    words = "先报送工作总结，典型经验正在修改，其余材料另发。"
    return scene.send(f"{scene.short}开放周工作总结", words, [summary(scene)])


def nameless(scene: Scene) -> bytes:
    """A stranger's mail with materials that name no unit: a neutral receipt, and a question to staff."""
    title = "青年文明号开放周活动整体工作总结"
    files = [File("总结.docx", make.docx(title, characters=1200, topic="开放周")),
             File("典型经验.docx", make.docx("基层典型经验材料", characters=1100, topic="经验做法"))]  # fmt: skip
    head = Head("h0898@mail.example.test", "小符", scene.to, scene.at, title)
    return mail("qq", head, "领导好，开放周材料见附件。", files)


def thanks(scene: Scene) -> bytes:
    """Thanks: nobody is to be answered."""
    letter = scene.answered()
    return scene.send("Re: " + letter.subject, "收到，谢谢！", answers=letter, client="netease")


# --- bingtuan -----------------------------------------------------------------------------------------------------


def applicants_and_scan(scene: Scene) -> bytes:
    """The table as xlsx, and its stamped scan."""
    files = [applicants(scene), File("申报集体汇总表盖章扫描件.jpg", make.seal_scan(seed=scene.at.day))]
    return scene.send(f"{scene.short}申报集体汇总表", "现报送申报集体汇总表及盖章扫描件，请查收。", files)


def applicants_word(scene: Scene) -> bytes:
    """The table as a Word document."""
    return scene.send(
        f"{scene.short}青年文明号申报", "申报集体汇总表见附件。", [applicants(scene, ending="docx")], "netease"
    )


def column_missing(scene: Scene) -> bytes:
    """The table without one of its columns."""
    files = [applicants(scene, APPLICANT_COLUMNS[:2])]
    return scene.send(f"{scene.short}申报集体汇总表", "请查收。", files, "foxmail")


def column_added(scene: Scene) -> bytes:
    """The table again, complete, in answer to the 补报通知."""
    letter = scene.answered("shortfall")
    words = "已补齐栏目，以此件为准。"
    return scene.send("Re: " + letter.subject, words, [applicants(scene)], "foxmail", answers=letter)


def _works_of_bingtuan(scene: Scene) -> list[File]:
    """A work of each of the three classes."""
    return [
        *picture_work(scene, "从地窝子到新楼房", 5),
        File("“新时代青年说”宣传作品-短视频《戈壁新城》.mp4", make.sample("short.mp4")),
        paper(scene, "“品牌建设青之见”征文-实践案例《把窗口建在连队》", 1700),
    ]


def _table_of_bingtuan(scene: Scene) -> File:
    rows = [("改革开放青观察", "从地窝子到新楼房", "图片"), ("新时代青年说", "戈壁新城", "短视频"),
            ("品牌建设青之见", "把窗口建在连队", "征文")]  # fmt: skip
    return works_table(scene, rows, "开放周推荐成果汇总表")


def all_of_bingtuan(scene: Scene) -> bytes:
    """The applicants, a work of each class, and the table, from the unit's second address."""
    files = [applicants(scene), packed("开放周作品.zip", _works_of_bingtuan(scene)), _table_of_bingtuan(scene)]
    second = scene.unit.emails[-1] if scene.unit else ""
    return scene.send(
        f"{scene.short}申报汇总表和开放周作品", "现报送申报汇总表、作品和成果汇总表。", files, sender=second
    )


def disc_files(scene: Scene) -> list[File]:
    """What lies on a unit's disc: the works and their table."""
    return [*_works_of_bingtuan(scene), _table_of_bingtuan(scene)]


def three_pictures(scene: Scene) -> bytes:
    """The applicants, and a set of three pictures where four to nine are asked for."""
    files = [applicants(scene), packed("图片作品.zip", picture_work(scene, "军垦老街", 3))]
    return scene.send(f"{scene.short}申报汇总表、图片作品", "请查收。", files)


def set_completed(scene: Scene) -> bytes:
    """The whole set again, in answer to the 补报通知."""
    letter = scene.answered("shortfall")
    files = [packed("图片作品.zip", picture_work(scene, "军垦老街", 4))]
    return scene.send("回复：" + letter.subject, "该组图片已补足4张，重新报送，以此件为准。", files, answers=letter)


def long_film(scene: Scene) -> bytes:
    """A film of 40 seconds where 30 are allowed."""
    files = [applicants(scene), File("“新时代青年说”短视频《口岸青年》.mp4", make.sample("long.mp4"))]
    return scene.send(f"{scene.short}申报汇总表和短视频", "请查收。", files)


def long_essay(scene: Scene) -> bytes:
    """A case study of 2,600 characters where 2,000 are allowed."""
    files = [applicants(scene), paper(scene, "“品牌建设青之见”征文-实践案例《一盏灯》", 2600)]
    return scene.send(f"{scene.short}申报汇总表和征文", "现报送申报汇总表和征文1篇。", files, "outlook")


def good_practice(scene: Scene) -> bytes:
    """好做法: may come at any time."""
    files = [paper(scene, f"{scene.short}青年文明号开放周好做法", 800)]
    return scene.send(f"{scene.short}开放周好做法和典型事迹", "现报送好做法1篇。", files)


def taken_back(scene: Scene) -> bytes:
    """A withdrawal: staff decide."""
    return scene.send("上一封邮件作废", "老师您好，我单位上一封邮件误发，请予以撤回。", client="netease")


def filing_asked(scene: Scene) -> bytes:
    """A question about the filing."""
    return scene.send("关于网络报备的咨询", "请问网络报备在哪个网站办理？两个网址不一致，能否明确？", client="foxmail")


def for_another(scene: Scene) -> bytes:
    """From one unit's address with another unit's table in it: nobody guesses."""
    other = replace(scene, unit=Unit(code="", name="第十师北屯市团委", aliases=("第十师",)))
    return mail("qq", scene.head("申报集体汇总表", sender_name="小王"), "代报，请查收。", [applicants(other)])


# --- weihai -------------------------------------------------------------------------------------------------------


def materials(scene: Scene) -> bytes:
    """图文资料: a summary and pictures in an archive."""
    report = paper(scene, f"{scene.short}青年文明号创建活动图文资料/活动总结", 1500)
    files = [report, *photos(scene, 4, f"{scene.short}青年文明号创建活动图文资料/活动图片{{}}.jpg")]
    name = f"{scene.short}活动图文资料.zip"
    return scene.send(f"{scene.short}报送开展活动的图文资料", "现报送活动图文资料，请查收。", [packed(name, files)])


def all_of_weihai(scene: Scene) -> bytes:
    """图文资料, a picture work, a film, an essay and the table."""
    rows = [("改革开放青观察", "老码头新模样", "图片"), ("新时代青年说", "海风正青春", "短视频"),
            ("品牌建设青之见", "服务在身边", "征文")]  # fmt: skip
    works = [*picture_work(scene, "老码头新模样", 4),
             File("“新时代青年说”宣传作品-短视频《海风正青春》.mp4", make.sample("short.mp4")),
             paper(scene, "“品牌建设青之见”征文-实践案例《服务在身边》", 1800)]  # fmt: skip
    files = [
        paper(scene, f"{scene.short}开展活动图文资料", 1200),
        packed("推荐作品.zip", works),
        works_table(scene, rows),
    ]
    return scene.send(f"{scene.short}图文资料和推荐作品", "现报送图文资料、推荐作品和汇总表。", files, "foxmail")


def squeezed_pictures(scene: Scene) -> bytes:
    """图文资料, and a picture work squeezed to 1280×960."""
    files = [paper(scene, f"{scene.short}开展活动图文资料", 1100),
             packed("图片作品.zip", picture_work(scene, "渔村四十年", 4, 1280, 960))]  # fmt: skip
    return scene.send(f"{scene.short}图文资料和图片作品", "请查收。", files)


def original_pictures(scene: Scene) -> bytes:
    """The originals, in answer to the 补报通知."""
    letter = scene.answered("shortfall")
    files = [packed("图片作品原图.zip", picture_work(scene, "渔村四十年", 4))]
    return scene.send("回复：" + letter.subject, "现发送原图，以此件为准。", files, answers=letter)


def theory(scene: Scene) -> bytes:
    """A theoretical essay a little above its 5,000 characters: advice, no fault."""
    files = [paper(scene, f"{scene.short}开展活动图文资料", 900),
             paper(scene, "“品牌建设青之见”征文-理论阐述《品牌建设的路径》", 5150)]  # fmt: skip
    return scene.send(f"{scene.short}图文资料及征文", "现报送图文资料和征文。", files, "netease")


def photos_only_inline(scene: Scene) -> bytes:
    """图文资料 as nothing but pictures in the mail's text."""
    files = [File(f"image{n:03}.jpg", photo(scene, n), inline=True) for n in range(1, 5)]
    return scene.send(f"{scene.short}开展活动的图文资料", "开放周活动现场照片。", files)


def cloud_link(scene: Scene) -> bytes:
    """图文资料, and a film as a link to a big file of QQ."""
    files = [paper(scene, f"{scene.short}开展活动图文资料", 1000)]
    words = (
        "现报送图文资料，视频较大，见超大附件。\n从QQ邮箱发来的超大附件\n青年说.mp4 (212M, 2018年09月14日 10:20 到期)"
    )
    link = "https://mail.qq.com/cgi-bin/ftnExs_download?t=exs_ftn_download&k=5a3f&code=9c1e"
    page = (
        "<div>现报送图文资料，视频较大，见超大附件。</div><div id=\"QQMailBigAttach\"><span class=\"qqmailbgattach\" "
        f"expiretime=\"1536891600\" downloadlink=\"{link}\">青年说.mp4 (212M, 2018年09月14日 10:20 到期)</span></div>"
    )  # fmt: skip
    return scene.send(f"{scene.short}图文资料", f"{words}\n{link}", files, page=page)


def private_clerk(scene: Scene) -> bytes:
    """From a private address, the unit named in table and text."""
    rows = [("品牌建设青之见", "急诊室的一天", "征文")]
    essay = paper(scene, "“品牌建设青之见”征文-实践案例《急诊室的一天》", 1500)
    files = [paper(scene, "开展活动图文资料", 1000), essay, works_table(scene, rows)]
    return scene.send(f"{scene.short}图文资料", "您好，我单位材料见附件。", files, sender="doctor@mail.example.test",
                      sender_name="小韩")  # fmt: skip


def nobody_knows(scene: Scene) -> bytes:
    """A stranger's pictures for a class of works, without any unit's name."""
    work = picture_work(scene, "夏日的早市", 4)
    head = Head("photo1990@mail.example.test", "夏天", scene.to, scene.at, "“改革开放青观察”图片作品投稿")
    return mail("foxmail", head, "老师好，投稿见附件。", [packed("夏日的早市.zip", work)])


def long_note(scene: Scene) -> bytes:
    """图文资料 and a set of pictures whose text is far longer than 200 characters."""
    folder = "“改革开放青观察”图片作品《海边的路》"
    work = [*photos(scene, 4, folder + "/{}.jpg"), caption(scene, folder, 420)]
    files = [paper(scene, f"{scene.short}开展活动图文资料", 900), packed("图片作品.zip", work)]
    return scene.send(f"{scene.short}图文资料、图片作品", "请查收。", files)
