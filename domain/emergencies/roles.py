"""Words that only say who a person is, or what they were doing.

卖西瓜的老头, the man fixing our wifi, 为了捡皮球: they hold ordinary words (a melon, a dog, a film) that say nothing about what happened, so contexts
and clues are sought without them. Knows no rule of the tables.
"""

from __future__ import annotations

import re

#: What people do for a living or just now.
_DOING = "放养喂卖收送修打看办捡拾拉摘遛追抽掏割挖种运贩洗钓赶牵骑杀砍做搬开教装补唱拍扫刷买采捞逮抓救下玩贴晒浇"
#: How the words begin that may follow 的: a person (老头, 师傅, 两个), or what happened to them (被, 从, 突然).
_PERSON = (
    "老|人|大[爷妈叔婶姐哥嫂]|小[伙姑朋哥孩妹弟]|师傅|婆|公|爷|奶|妈|爸|叔|伯|婶|姐|哥|妹|弟|娃|孩|细|工[人友]|阿|那[个人]|这[个人]|[两二三四五六几]个|女|男"
    "|学生|司机|被|从|突然|忽然|昏|晕|触电|闯"
)
#: Households and people by their papers.
_STATUS = "低保户|五保户|贫困户|困难户|特困户|残疾人|退休(?:工人|教师|老师|干部)|快递员|外卖员|快递小哥|外卖小哥"
_CHINESE = f"[{_DOING}][^,.的了]{{1,4}}的(?={_PERSON})|{_STATUS}|为了?(?:去)?[捡捞救追够抓逮拿][^,.]{{1,4}}(?=[,.])"
_ENGLISH = (
    "(?<=man |guy |boy ) ?(?:fixing|repairing|selling|delivering|installing|walking|cleaning|painting|driving|feeding) (?:the |our |my |his |a )?[a-z]+"
    "|(?:in after|to save|to fetch|to grab|to rescue|to catch|saving) (?:the|his|her|my|our|their|a) [a-z]+"
)
ROLES = re.compile(f"{_CHINESE}|{_ENGLISH}")


def without_roles(line: str) -> str:
    """Replace these words by signs that no table knows, without moving the rest."""
    return ROLES.sub(lambda found: "_" * len(found[0]), line)
