"""Recognise reports against somebody in office, and violence at home, from the words.

Knows small word lists and the order of words in a clause; must not know storage. A report is *against* a person when the words make them
the doer of a harm ("主任打我", "我被主任骂了"). A mention alone is not ("我找过主任", "主任晕倒了"). Where the words leave it open, it is DOUBTFUL.
Invariant: a doubt is never read as harmless, except where people need help at once (a fire, an accident, an illness) and the words accuse
nobody.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

from domain.cases.words.spelling import plain, readings
from domain.core.immutable import immutable
from domain.people.people import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import PersonId


class Accused(IntEnum):
    """Degree to which the words are against a person."""

    NO = 0
    DOUBTFUL = 1
    YES = 2


@immutable
class Official:
    """A holder of a post, or a deputy, who could see the report.

    `stands_for`: the person whose post they have, if it is not their own.
    """

    person_id: PersonId
    name: str
    role: Role
    stands_for: PersonId | None = None


#: Titles in a sentence, by role. A surname may stand before the Chinese ones.
_TITLES: dict[Role, str] = {
    Role.CHAIR: "治保(?:会)?主任|主任|chair(?:man|woman|person)?|director",
    Role.SECRETARY: "村?(?:支部)?书记|村?支书|secretary",
    Role.OFFICER: "社区民警|民警|警官|片警|警察|(?:police )?officer|police(?:man|woman)?",
    Role.LEADER: "派出所所长|所长|教导员|(?:station )?chief",
    Role.DUTY: "值班(?:室|民警|警察)|duty (?:desk|officer)",
    Role.MEMBER: "治保(?:会)?(?:成员|委员)|committee member",
}
#: Other people with the same title.
_OTHERS = re.compile("(?:妇女|妇联|班|车间|教导|年级|科室|办公室|医院|卫生院|前)主任|(?:党委|镇|乡|县|团委)书记|卫生所所长|粮站所长")

#: Money that is due to villagers.
_FUNDS = "(?:补偿|救济|赔偿|救灾|扶贫|征地|拆迁|养老|慰问|安置|补助|补贴|低保|土地|青苗|抚恤|集体)(?:款|金|费|的?钱)"
_HARM = (
    r"打(?!电话|招呼|扫|听|算|工|牌|麻将|针|车|雷|包|印|折|开|卡|架子|水|草|药|的|报告|110|120|119|96110|12348|[0-9])|殴|揍|踢|踹|扇(?!子|风)|掐|砍|捅|推(?!荐|广|迟|车|进)|拽|骂|辱|侮|吼"
    r"|威胁|恐吓|吓唬|欺负|欺压|报复|刁难|敲诈|勒索|索要|骗|偷|抢(?!险|救|修)|贪|私吞|侵吞|吞(?:了|掉|我)|克扣|挪用|霸占|强占|侵占|强拆|砸|关(?:了|着|押)?我|绑(?!定)"
    r"|调戏|猥亵|骚扰|摸我|非礼|强奸|性侵|跟踪|偷拍|放火|下毒|受贿|行贿|包庇|偏袒|吃回扣"
    r"|(?:收|拿|要|讨|捞|骗|吞|扣|占)(?:了|走|过|着|[\u4e00-\u9fff]{1,5}的|我|我们|大家|村民|人家|他们|他|她|的|我家|俺|俺们|好处|一|两|几|[0-9]+|千|百|万|块|元|不少|很多|黑){0,5}(?:钱|款|红包|好处费|礼(?!貌)|贿赂|回扣|低保|补助|工资|地|宅基地)"
    rf"|(?:收|拿|要|讨|捞|骗|吞|扣|占|领走|冒领)(?:了|走|过|着|掉)?(?:我|我们|大家|村里|村民|人家|他|她|俺)?(?:家)?的?{_FUNDS}"
    rf"|把[\u4e00-\u9fff]{{0,8}}(?:{_FUNDS}|钱|地)(?:都|全|给|也)*(?:扣|吞|拿|占|卷|领|昧|装)"
    r"|\b(?:beat|beats|beaten|beating|hit|hits|hitting|punch\w*|slap\w*|kick\w*|curs\w+|swore|insult\w*|threat\w+|bull(?:y|ies|ied|ying)"
    r"|harass\w*|rob(?:s|bed)|stole|steals?|cheat\w*|extort\w*|blackmail\w*|molest\w*|rap(?:e|es|ed)|assault\w*|abus\w+"
    r"|(?:took|takes?|taking|demand\w*|wants?|kept|keeps) (?:my|our|some|the|a)?\s*(?:money|bribes?|cash)|bribes?)\b"
)
#: Characters of a clause before and after a mention that are looked at; a longer text costs no more for each mention.
REACH = 24
_HARMED = re.compile(_HARM, re.IGNORECASE)
#: Words between doer and harm that keep the doer: time, manner, place, intention, and with whom. Longer ones come first, and none is tried again.
_KEEPING = (
    "又|就|还|也|都|老|总|刚|正|在|来|要|会|想|敢|再|曾"
    "|老是|总是|天天|经常|常常|一直|今天|昨天|前天|昨晚|刚才|刚刚|上次|去年|上个月|当时|现在|正在|居然|竟然|动手|动不动|故意|无故|当众|上门|上来|进来|过来"
    "|冲进来|冲上来|喝酒|喝了酒|喝醉酒|醉酒|带人|带着人|叫人|找人|派人|让人|指使人|唆使人|威胁说|说要|说会|扬言|扬言要|想要|准备|可能|好像|肯定|已经"
    "|曾经|多次|两次|几次|再次|把我|把他|把她|把人|把我们|把村民|对我|对人|向我|向村民|向大家|跟我|和我|同我|跟人|和人|与人|不讲理|不讲道理"
    "|无缘无故|平白无故|私下|私自|偷偷|到我家|来我家|在我家|挨家挨户"
)
_KEEPS = re.compile(
    rf"(?:\s|{'|'.join(sorted(_KEEPING.split('|'), key=len, reverse=True))}|[拿用](?:着)?(?:棍子|刀|棒子|凳子|东西|手|脚|皮带)"
    r"|在[\u4e00-\u9fff]{1,6}[里上前边头]"
    r"|has|have|had|is|keeps?|always|often|just|yesterday|today|even|then|again|who|and|also|he|she|did)*+",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:没有?|没|不|未|未曾|从不|从没|从来不|从来没有?|并没有?|不会|不敢|别|禁止"
    r"|\bnever|\bnot|n't|\bdid not|\bdoes not|\bdidn't|\bdoesn't)\s*(?:过|再|敢|会|要|曾)?\s*$",
    re.IGNORECASE,
)
_SUFFERS = re.compile(r"(?:被|挨|遭|遭到|受到|受|让人|给人|叫人)[^打骂]{0,6}$|\b(?:was|is|got|been|being|were) (?:\w+ )?$", re.IGNORECASE)
_WITH = re.compile(r"(?:和|跟|与|同|\bwith (?:the |our )?)\s*$", re.IGNORECASE)
_FIGHT = re.compile("打起来|打架|打了一架|吵起来|对骂")
_TOGETHER = re.compile(rf"^(?:\s|又|就|昨天|今天|他|老婆)*(?:{_FIGHT.pattern})")
_KIN_OF = re.compile(
    r"^\s*(?:的)?(?:家的?|老婆|爱人|媳妇|老公|丈夫|儿子|女儿|弟弟?|哥哥?|侄子|亲戚|外甥|爹|爸|妈|孩子|小舅子|手下|司机|'s )"
)
_IF = re.compile(r"如果|要是|假如|万一|是不是|会不会|听说|据说|传说|有人说|\bif\b|\bmaybe\b|\brumou?r", re.IGNORECASE)
_PRONOUN = re.compile(
    r"^(?:\s|后来|结果|可是|但是|但|而且|还|又|就|昨天|今天|然后|说完|反而|居然|竟然|and|but|then)*+(?:他|她|人家|这人|这个人|那人|对方|he|she|they)?\s*$",
    re.IGNORECASE,
)
#: The harm of others, which somebody in office stops, hears of or reports.
_ABOUT_OTHERS = re.compile(
    r"说|讲|看|见|听|知道|劝|拉开|拉|调解|处理|管|制止|阻止|拦|帮|救|查|抓|问|报警|通知|告诉|提醒|宣传|教|来了|去了|过来|到场|解决|\b(?:said|says|saw|stopp?\w*|help\w*|heard|told|knows?|came|warn\w*)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[。！？；!?;\n…，,、]+|\.(?=\s|$)|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
#: Words about somebody in office, without a title.
_IN_OFFICE = re.compile("治保|村委|村干部|干部|领导|当官|派出所|村里管事|管事的")
#: Illness, accident, fire and water: whoever is near is needed.
_RESCUE = re.compile(
    r"着火|起火|失火|火灾|爆炸|煤气|燃气|溺水|落水|掉水里|掉进|触电|昏迷|晕倒|没呼吸|没有呼吸|大出血|胸痛|心梗|中风|车祸|撞(?:了|车|人)|塌方|塌了|滑坡|洪水|淹|中毒|走失|失踪"
    r"|\b(?:on fire|fire!|heart attack|not breathing|unconscious|drown\w*|accident|flood\w*|collaps\w+)",
    re.IGNORECASE,
)
_KIN = (
    "老公|丈夫|老婆|妻子|媳妇|爱人|男人|对象|男朋友|女朋友|前夫|前妻|公公|婆婆|公婆|岳父|岳母|爸爸?|我爹|父亲|妈妈?|我娘|母亲|继父|继母|后爸|后妈|儿子|女儿|儿媳|女婿|孙子|我哥|我弟|爷爷|奶奶"
    "|husband|wife|boyfriend|girlfriend|ex|father|mother|stepfather|stepmother|son|daughter|partner"
)
_AT_HOME = re.compile(
    rf"家暴|家庭暴力|打(?:老婆|媳妇|妻子|孩子|娃|老人|爹|娘|爸|妈)|虐待(?:老人|孩子|我)|domestic violence"
    rf"|\b(?:beats?|hits?|hitting|beating) (?:his|her) (?:{_KIN}|kids?|child(?:ren)?)\b",
    re.IGNORECASE,
)
_VIOLENT = re.compile(
    r"打(?!电话|招呼|扫|听|算|工|牌|麻将|针|车|包|印|折|开|卡|水|草|药|的|报告|游戏|[0-9])|殴|揍|踢|踹|扇(?!子|风)|掐|砍|捅|拿刀|动手|威胁|虐待|往死里|烧我|绑(?!定)|关(?:了|着)?我"
    r"|\b(?:beat|beats|beaten|beating|hit|hits|hitting|punch\w*|slap\w*|kick\w*|threat\w+|chok\w+|strangl\w+|abus\w+|attack\w*)\b",
    re.IGNORECASE,
)


def may_accuse(text: str) -> bool:
    """Tell whether the words are about a harm at all: only then `accused` can name anybody."""
    return any(_may_harm(reading, _HARMED) for reading in readings(text))


def accused(text: str, officials: Iterable[Official]) -> dict[PersonId, Accused]:
    """Return how far the words are against each official; people not mentioned are left out.

    A title without a name means every holder of that post. "姓王的" is a doubt, if the words are about somebody in office.
    """
    words, officials = readings(text), tuple(officials)
    if not any(_may_harm(reading, _HARMED) for reading in words):
        return {}
    found: dict[PersonId, Accused] = {}
    judged: dict[str, Accused] = {}
    for official in officials:
        for each in _names_of(official):
            if each not in judged:
                judged[each] = _judge_all(words, each)
            found[official.person_id] = max(found.get(official.person_id, Accused.NO), judged[each])
    if any(_IN_OFFICE.search(reading) for reading in words):
        for official in officials:
            if (surname := _by_surname(official)) and _judge_all(words, surname) is not Accused.NO:
                found[official.person_id] = max(found.get(official.person_id, Accused.NO), Accused.DOUBTFUL)
    doubt_counts = not any(_RESCUE.search(reading) for reading in words)
    return {who: how for who, how in found.items() if how is Accused.YES or (how is Accused.DOUBTFUL and doubt_counts)}


def with_deputies(person_ids: Iterable[PersonId], officials: Iterable[Official]) -> tuple[PersonId, ...]:
    """Return these people and their deputies."""
    named = set(person_ids)
    return tuple(sorted(named | {each.person_id for each in officials if each.stands_for in named}))


def violence_at_home(text: str) -> bool:
    """Tell whether the words are about violence within a family."""
    words = readings(text)
    spoken = (re.sub("(?:没有?|不|从不|从没有?)(?:家暴|打)", "", reading) for reading in words)
    if any(_AT_HOME.search(each) for each in spoken):
        return True
    if not any(_may_harm(reading, _VIOLENT) for reading in words):
        return False
    return _judge_all(words, rf"(?:我的?|俺|my |her |his )?(?:{_KIN})(?![家店])", _VIOLENT) is Accused.YES


def means(official: Official, words: str) -> bool:
    """Tell whether a name or a title alone means this official: 王建国, 王主任, 主任, the chair."""
    said = {reading.strip() for reading in readings(words)}
    return any(re.fullmatch(f"(?:the )?(?:{each})", said_so, re.IGNORECASE) for said_so in said for each in _names_of(official))


def _names_of(official: Official) -> tuple[str, ...]:
    """Return the patterns that mean an official.

    These are the name, the surname with the title, and the title without a surname.
    """
    name = plain(official.name)
    names: list[str] = [re.escape(name)] if len(name) > 1 else []
    titles = _TITLES.get(official.role)
    if titles is None:
        return tuple(names)
    surname = name[:1]
    chinese = bool(surname) and "\u4e00" <= surname <= "\u9fff"
    own = f"{re.escape(surname)}(?:{titles})|" if chinese else ""
    given = re.escape(surname) if chinese else "(?!)"
    names.append(f"{own}(?:(?<![{_FAMILY_NAMES}])|(?<={given}))(?:{titles})" if chinese else f"(?<![{_FAMILY_NAMES}])(?:{titles})")
    return tuple(names)


def _by_surname(official: Official) -> str:
    """Return the pattern of an official who is called by the family name: 姓王的, 老王, 王某."""
    surname = re.escape(plain(official.name)[:1])
    return f"姓{surname}的|老{surname}(?![\u4e00-\u9fff]{{0,2}}家)|{surname}某" if "\u4e00" <= surname <= "\u9fff" else ""


#: The most frequent family names: before a title they name another person.
_FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严武戴莫孔汤甲乙丙申"
)


def _may_harm(words: str, harm: re.Pattern[str]) -> bool:
    """Tell whether a text holds any harm at all."""
    plain_words = _OTHERS.sub("□", words)
    return harm.search(plain_words) is not None or _FIGHT.search(plain_words) is not None


def _judge_all(readings_of: tuple[str, ...], named: str, harm: re.Pattern[str] = _HARMED) -> Accused:
    """Judge all readings of a text.

    Readings after the first count only where they leave no doubt.
    """
    written, *others = readings_of
    worst = _judge(written, named, harm)
    sure = worst is Accused.YES or any(_judge(each, named, harm) is Accused.YES for each in others)
    return Accused.YES if sure else worst


def _judge(words: str, named: str, harm: re.Pattern[str] = _HARMED) -> Accused:
    """Judge one name or title against all clauses: the worst counts."""
    mention = re.compile(named, re.IGNORECASE)
    worst, before = Accused.NO, False
    for clause in _CLAUSES.split(_OTHERS.sub("□", words)):
        here = list(mention.finditer(clause))
        for found in here:
            worst = max(worst, _in_clause(clause, found, harm))
            if worst is Accused.YES:
                return worst
        if not here and before and worst is Accused.NO and _left_open(clause, harm):
            worst = Accused.DOUBTFUL
        before = bool(here) or (before and not clause.strip()) or (before and harm.search(clause) is None)
    return worst


def _in_clause(clause: str, found: re.Match[str], harm: re.Pattern[str]) -> Accused:
    """Judge one mention in its clause."""
    head, tail = clause[max(0, found.start() - REACH) : found.start()], clause[found.end() : found.end() + REACH]
    if _WITH.search(head) and _TOGETHER.search(tail):
        return Accused.YES
    relative = _KIN_OF.match(tail)
    best = Accused.NO
    for done in harm.finditer(tail):
        best = max(best, _of_harm(head, tail[: done.start()], relative=relative is not None))
    if best is Accused.YES and _IF.search(clause):
        return Accused.DOUBTFUL
    if best is Accused.NO and _by_english(head, harm):
        return Accused.YES
    return best


def _by_english(head: str, harm: re.Pattern[str]) -> bool:
    """Tell whether a passive English sentence ends before the mention: "I was beaten by the"."""
    by = re.search(r"\bby (?:the |our |my |village |security )*$", head, re.IGNORECASE)
    return by is not None and harm.search(head) is not None


def _of_harm(head: str, between: str, *, relative: bool) -> Accused:
    """Judge a harm after a mention by the words before the mention and between the two."""
    if _NOT.search(between) or _SUFFERS.search(between):
        return Accused.NO
    if relative:
        return Accused.DOUBTFUL
    if _KEEPS.fullmatch(between):
        return Accused.NO if _object_of_others(head) else Accused.YES
    if _ABOUT_OTHERS.search(between):
        return Accused.NO
    return Accused.DOUBTFUL


def _object_of_others(head: str) -> bool:
    """Tell whether the mention is only where others go or whom they ask: "我去找主任打听"."""
    return re.search(r"(?:没有?|不是|并非|not)\s*(?:被|让|给|叫)\s*$", head) is not None


def _left_open(clause: str, harm: re.Pattern[str]) -> bool:
    """Tell whether a clause after the mention holds a harm without saying whose: "去找主任，他打我"."""
    done = harm.search(clause)
    if done is None:
        return False
    between = clause[: done.start()][-REACH:]
    if _NOT.search(between) or _SUFFERS.search(between):
        return False
    return _PRONOUN.match(between) is not None or _PRONOUN.match(_KEEPS.sub("", between)) is not None
