"""Reports that neighbours may learn of, and the place that they are told.

Knows words for homes and for places that everybody passes. Must not know who asks. Invariants: a report about a home is not shown to
neighbours; of a place they read a street or a landmark, or nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.cases.case import Kind
from domain.cases.intake import SHARED, near, neutral
from domain.cases.visibility import NAMED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from domain.cases.case import Case
    from domain.core.change import CaseId

#: Words that hold a sign of a home and name none: 国家 is nobody's home.
_NO_HOME = re.compile(
    "大家|国家|公家|农家乐|农家书屋|家具|家电|家禽|家长|厂家|商家|店家|专家|教室|活动室|会议室|办公室|阅览室|医务室|卫生室|警务室|室外|楼梯|大楼|教学楼|办公楼|综合楼"
    "|门楼|钟楼|门户|户外|账户|农户|户口|信号|型号|号码|号召|符号|账号|括号|几号|[0-9０-９一二三四五六七八九十]+号(?=路灯|灯|线|杆|井|桥|闸|机|路|公路|国道|省道)|月[0-9０-９一二三四五六七八九十]+号"
    "|hazard(?:ous)?|households? waste|household|unit(?:ed|y)|communit(?:y|ies)",
    re.IGNORECASE,
)
_HOME = re.compile(
    "家|室|楼|户|单元|号|栋|幢|座[0-9０-９一二三四五六七八九十]|[0-9０-９一二三四五六七八九十]座|房|屋|院子|院内|院里|宅|卧|厨|客厅|阳台|卫生间|门牌|宿舍|公寓|床|自建|隔壁|对门|楼上|楼下|租"
    r"|\b(?:house|home|flat|apartment|room|floor|unit|door|yard|bedroom|kitchen|dormitory|no\.? ?\d+|\w+['’]s (?:place|house|gate))\b",
    re.IGNORECASE,
)
_LANDMARK = re.compile(
    "路|街|巷|弄堂|桥|渡口|路口|村口|入口|出口|车站|站台|广场|公园|学校|小学|中学|幼儿园|河|溪|渠|塘|水库|湖|江|田|山|林|树|樟|坡|坝|井|厂|店|超市|市场|集市|银行|邮局|医院|卫生院|卫生所"
    "|村委|居委|祠堂|庙|寺|教堂|球场|停车场|公厕|厕所|亭|牌坊|大门口|工地|仓库|加油站|派出所|政府|垃圾站|垃圾点|晒场|礼堂"
    r"|\b(?:street|road|lane|bridge|square|park|school|river|pond|field|shop|market|bank|hospital|temple|station|crossing|tree|entrance)\b",
    re.IGNORECASE,
)


def names_a_home(words: str) -> bool:
    """Tell whether words point to somebody's home. In doubt they do."""
    return _HOME.search(_NO_HOME.sub(" ", words)) is not None


def is_shared(case: Case) -> bool:
    """Tell whether the residents of the village may learn of a report and follow it.

    It is open, about a thing in a public place, against nobody, and its reporter keeps nothing back.
    """
    if case.kind not in SHARED or case.ended or case.parties or case.excluded_names or case.visibility != NAMED:
        return False
    return not names_a_home(f"{case.place} {case.text}")


def public_place(place: str) -> str:
    """Return a place as neighbours may read it.

    It names a street or a landmark and no home; else it is empty.
    """
    return neutral(place) if _LANDMARK.search(place) and not names_a_home(place) else ""


def to_offer(kind: Kind, text: str, others: Sequence[Case], *, close: Collection[CaseId] = (), limit: int = 2) -> list[Case]:
    """Return the possible equals of a new report: by similar words, then close to its pin.

    First those with similar words, then those close to its pin.
    For a hazard the newest ones of the village come after them, whatever their words. `others`: shared reports, the newest first.
    """
    hazards = [case for case in others if case.kind is Kind.HAZARD] if kind is Kind.HAZARD else []
    found = [*near(text, others), *(case for case in hazards if case.id in close), *hazards]
    return list({case.id: case for case in found}.values())[:limit]
