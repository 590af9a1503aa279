"""What the fields and choices of a campaign are called on its form."""

from __future__ import annotations

LABELS = {
    "id": "编号（英文）", "title": "通知标题", "short": "简称（信件主题用）", "aliases": "又称（一行一个）",
    "issuer": "落款", "doc_number": "文号", "issued": "印发日期", "opens": "开始接收", "status": "状态",
    "mode": "发信方式", "timezone": "时区", "mailboxes": "收信邮箱", "published_mailbox": "通知上印的邮箱",
    "not_for_submissions": "通知上印的其他邮箱（不收材料）", "roster": "名册文件", "contact": "联系人",
    "name": "名称", "phone": "电话", "addressed": "主送", "obliged": "须报送的单位", "series": "届次",
    "parent": "转发的通知", "deadlines": "期限", "extensions": "延期", "windows": "活动时间",
    "amendments": "补充通知", "items": "应报材料", "totals": "合计要求", "eligibility": "申报条件",
    "quotas": "名额", "late": "迟报", "reminders": "提醒", "after": "后续", "contradictions": "通知中的矛盾",
    "quote": "通知原句", "confirm": "待确认的", "by": "到哪一天（含）", "every": "每期",
    "day": "每期到几日（或 end）", "channel": "渠道", "units": "限哪些单位类别", "deadline": "哪个期限",
    "announced": "公布日期", "begin": "开始", "end": "结束", "words": "内容用词（一行一个）", "kind": "种类",
    "owed_by": "由谁报", "rolling": "随时报送", "optional": "可不报", "categories": "作品类别",
    "subkinds": "作品种类", "rules": "要求", "systems": "外部系统", "severity": "性质", "subkind": "限哪个种类",
    "min": "至少", "max": "至多", "any_of": "格式（一行一个，如 jpeg）", "open_list": "原文有“等”",
    "min_width": "宽至少", "min_height": "高至少", "max_width": "宽至多", "max_height": "高至多",
    "of": "核对什么", "tolerance": "容许超出（0.05 即 5%）", "what": "附什么", "editable": "可编辑版格式",
    "scan": "扫描版格式", "names": "表头各栏", "fields": "表上须填", "pattern": "命名规则",
    "question": "要人判断的", "with_items": "与哪些材料核对", "each_min": "每类至少", "field": "申报表中的栏",
    "shown_by": "由什么证明", "file": "文件", "factor": "倍数", "on": "日期", "says": "内容", "step": "做什么",
    "to": "报往", "policy": "怎样处理", "overdue_letters": "发逾期提示",
    "letters": "期限前几个工作日发信（一行一个）", "at": "几点", "min_gap": "两封之间至少隔几个工作日",
    "most": "同一期限最多几封",
}  # fmt: skip
"""Field → what it is called."""

CHOICES = {
    "count": "件数", "format": "格式", "pixels": "像素", "duration": "时长（秒）",
    "video_bit_rate": "视频码率（bit/s）", "size": "大小（字节）", "characters": "字数", "pages": "页数",
    "group": "一组几幅", "companion": "须附文字或表", "pair": "可编辑版和扫描版", "columns": "表头",
    "header": "表上须填", "seal": "加盖公章", "name": "命名", "human": "由人判断", "reconcile": "表与作品相符",
    "demand": "要求", "advice": "建议", "example": "示例", "draft": "起草", "open": "开放", "closed": "结束",
    "cautious": "谨慎（回执自动，其余先审）", "normal": "自动", "silent": "不发信", "mail": "邮件",
    "disc": "光盘", "upload": "上传", "hand": "当面", "paper": "纸质", "external": "系统外", "work": "作品",
    "document": "文档", "materials": "资料（不限）", "table": "表格", "message": "邮件本身",
    "filing": "网络报备", "evidence": "佐证", "unit": "单位", "office": "本办公室", "text": "文字",
    "form": "表", "subject": "邮件主题", "file": "文件名", "month": "每月", "quarter": "每季", "accept": "照收",
    "mark": "照收并注明", "refuse": "不收", "showcase": "展示", "forward": "择优推报", "award": "表彰",
    "inspect": "督导", "named": "命名名单", "route": "没有别的单位申报", "applicant": "集体",
}  # fmt: skip
"""Choice → what it is called; "companion" as a place to look is the text that goes with the work."""
