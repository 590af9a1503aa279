"""Authorities and firms that were renamed, merged or are called by a short name: 卫计委 is 卫健委, 电力 is 供电公司.

The reforms of 2013 and 2018 renamed most departments; rosters keep the old names for years, clerks write the new ones,
and the other way round. A name that a unit of the roster bears itself is never taken for another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SAME = tuple(
    tuple(line.split())
    for line in """
卫生和计划生育委员会 卫生计生委 卫生计生局 卫计委 卫计局 卫生局 卫生健康委员会 卫生健康委 卫生健康局 卫健委 卫健局
卫生计生系统 卫计系统 卫健系统 卫生健康系统 卫生系统
经济和信息化委员会 经济和信息化局 经信委 经信局 工业和信息化局 工业和信息化委员会 工信局 工信委
人力资源和社会保障局 人力资源社会保障局 人力社保局 人社局
发展和改革委员会 发展改革委 发改委 发展和改革局 发改局
住房和城乡建设局 住房和城乡建设委员会 住建局 住建委 建设局 城乡建设局 城乡建设委员会
交通运输局 交通运输委员会 交通局 交通运输委 交通委
国土资源局 国土局 自然资源局 自然资源和规划局 自规局 资规局
环境保护局 环保局 生态环境局
农业局 农业农村局 农委 农业委员会
林业局 林业和草原局 林草局
水利局 水务局
安全生产监督管理局 安监局 应急管理局 应急局
质量技术监督局 质监局 工商行政管理局 工商局 食品药品监督管理局 食药监局 市场监督管理局 市场监管局 市监局
文化广电新闻出版局 文广新局 文化广电和旅游局 文化和旅游局 文旅局 文广旅局
旅游发展委员会 旅游委 旅发委 旅游局 旅游和文化广电体育厅 旅文厅 旅文局
城市管理局 城市管理行政执法局 城管局 城管执法局 综合行政执法局 综合执法局
国有资产监督管理委员会 国资委
教育局 教体局 教育体育局 教育和体育局
行政审批服务局 行政审批局 审批服务局 政务服务中心 行政服务中心
机关事务管理局 机关事务局 机关事务服务中心
税务局 国家税务局 国税局 地方税务局 地税局
公积金管理中心 住房公积金管理中心 公积金中心
烟草专卖局 烟草公司 烟草局
邮政公司 邮政局 邮政分公司 中国邮政
供电公司 电力公司 供电局 电业局 电网公司 国网
电力系统 供电系统 电网系统
公安局 公安系统
公安消防支队 消防支队 消防救援支队
海关 出入境检验检疫局 检验检疫局
中级人民法院 中级法院 中院
人民检察院 检察院
""".strip().splitlines()
)
_SHORT = {"供电公司": ("电力", "供电"), "烟草专卖局": ("烟草",), "邮政公司": ("邮政",)}
"""What a firm is called behind its town's name only: 安庆电力."""
_LEVELS = frozenset({"省", "市", "县", "区", "兵团", "自治区"})
_HEAD = re.compile(r"^(国家税务总局|国网|南方电网|中国)(?=.{3,})")


def other_names(core: str, towns: tuple[str, ...]) -> Iterator[str]:
    """Other names of a body by its folded name without 团委; `towns`: the ways the office's own town is written."""
    plain = _HEAD.sub("", core)
    if plain != core:
        yield plain
    for group in _SAME:
        mine = max((name for name in group if plain.endswith(name)), key=len, default=None)
        if mine is None:
            continue
        before = plain.removesuffix(mine)
        if before and before not in towns and before not in _LEVELS:
            return  # a body of another place or branch
        for name in group:
            if name != mine:
                yield before + name
                if len(before) == 1:
                    yield name
        for short in _SHORT.get(group[0], ()):
            yield from (town + short for town in towns if len(town) >= 2)
        return
