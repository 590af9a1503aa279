"""The pages' few English words; a text that stands not here stays Chinese. A test holds the list against the pages."""

from __future__ import annotations

WORDS = {
    "报送": "Baosong",
    "总览": "Overview",
    "进度": "Progress",
    "登录": "Log in",
    "退出": "Log out",
    "登录名": "Name",
    "密码": "Password",
    "再输一次密码": "Password again",
    "建立管理员": "Make the administrator",
    "设置密码": "Set a password",
    "在办活动": "Campaigns",
    "截止": "Deadline",
    "已齐": "Complete",
    "有误": "Faulty",
    "不足": "Short",
    "未报": "Silent",
    "待核对": "To check",
    "单位": "Units",
    "报送单位": "Unit",
    "状态": "State",
    "每天收到": "Arrivals a day",
    "运行情况": "Health",
    "一切正常": "All is well",
    "等人处理": "Waiting for a person",
    "打印": "Print",
    "全部": "All",
    "筛选": "Filter",
    "没有在办的活动": "No campaign is open",
    "跳到正文": "Skip to the content",
    "出错了": "Something is wrong",
    "返回": "Back",
    "核对": "Check",
    "来件": "Mail",
    "待发": "Letters",
    "检索": "Search",
    "运行": "Running",
    "信件待放行": "Letters to release",
}


def english(text: str) -> str:
    """The English of a Chinese text, itself where there is none."""
    return WORDS.get(text, text)
