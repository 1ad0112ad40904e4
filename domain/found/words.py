"""Words of found and lost things: the class they point to, a public noun, likeness.

Knows what people write; must not know what follows from a class. Invariant: the most careful class wins.
"""

from __future__ import annotations

import re
from enum import StrEnum

from domain.cases import intake
from domain.found.things import MUCH_CASH, Class

#: Share of the shorter description's pairs of characters that the longer one contains, when both may be about the same thing.
ALIKE = 0.5
_COUNTED = re.compile("[一两几][把个部只串件副辆张顶条块本双台支些]")
#: A colour with or without its word, and several words of one thing: each pair of descriptions is compared in the shortest form.
_SHORT = (
    (re.compile("([红橙黄绿青蓝紫黑白灰粉棕褐银金米])(?:颜?色)?的?"), r"\1"),
    (re.compile("雨伞|阳伞|太阳伞|折叠伞"), "伞"),
    (re.compile("皮夹子?|钱夹|钱袋"), "钱包"),
    (re.compile("双肩包|单肩包|背包|书包|提包|手提包|挎包"), "包"),
    (re.compile("脚踏车|自行车|单车"), "单车"),
    (re.compile("智能手机|移动电话"), "手机"),
    (re.compile("东西|物品|物件"), ""),
)
#: Things of a child or an old person, and actions with these things, are not persons.
_NOT_ONE = "(?!的|机|证|卡|车|衣|鞋|帽|书包|手表|玩具|用|丢|掉|落|忘|卖)"
_SOMEBODY = f"(?:小孩|孩子|小朋友|男孩|女孩|婴儿|宝宝|老人家?|老太太?|老头|老大爷|大爷|大妈|奶奶|爷爷){_NOT_ONE}"
_PERSON = re.compile(
    f"弃婴|{_SOMEBODY}.{{0,8}}(?:走失|迷路|走丢|走散|不见了|找不到|一个人|没人管|在哭)|(?:走失|迷路|走丢|走散)(?:了)?的?.{{0,4}}{_SOMEBODY}"
    f"|(?:一个|个|一名|一位|位|有)[^，。,\\s]{{0,4}}{_SOMEBODY}"
    r"|\b(?:lost|missing|found an?|alone|abandoned)\b.{0,20}\b(?:child|kid|boy|girl|baby|toddler|old (?:man|woman|lady)|elderly)\b(?!['’]s)",
    re.IGNORECASE,
)
_DANGEROUS = re.compile(
    "(?<![具水胶喷油焊钉玩])枪(?!战)|子弹|弹药|炮弹|手榴弹|手雷|地雷|雷管|炸药|炸弹|爆炸物|匕首|砍刀|管制刀具|弓弩|警棍|手铐|警用|军用|毒品|冰毒|海洛因|大麻"
    "|摇头丸|罂粟|绝密|机密|秘密文件|涉密|农药|剧毒|毒药|放射|煤气罐|液化气|针管|针筒"
    r"|(?<!toy )(?<!water )\b(?:guns?|pistol|rifle|bullets?|ammunition|grenade|bomb|explosives?|dagger|machete|heroin|drugs|pesticide|poison|syringes?"
    r"|classified|secret (?:papers|documents?))\b",
    re.IGNORECASE,
)
_VALUABLE = re.compile(
    "(?:手机|老人机)(?!壳|支架|膜)|钱包|皮夹|钱袋|证件|身份证|驾驶证|驾照|行驶证|户口|护照|通行证|社保卡|医保卡|银行卡|信用卡|存折|支票|公章|印章|房产证|合同|项链|戒指|手镯|耳环|耳钉"
    "|首饰|金子|金条|黄金|玉佩|玉镯|手表|电脑|平板|相机|无人机|电动车|电瓶车|摩托|汽车|车钥匙"
    r"|\b(?:phone|iphone|wallet|purse|id card|passport|licen[cs]e|bank card|credit card|jewel\w*|necklace|ring|bracelet|watch|laptop"
    r"|tablet|camera|drone|car keys?)\b",
    re.IGNORECASE,
)
_CASH = re.compile(r"现金|钞票|[多笔沓到了些]钱|\b(?:cash|money)\b", re.IGNORECASE)
_KEYS_WITH_ADDRESS = re.compile(r"钥匙.*(?:地址|门牌|[栋幢单元号室])|(?:地址|门牌).*钥匙|\bkeys?\b.*\b(?:address|number)\b", re.IGNORECASE)
_PERISHABLE = re.compile(
    "狗|犬|猫(?!砂)|鸡(?!毛)|鸭|鹅|羊(?!毛|绒)|牛(?!仔|皮)|猪|兔|鸟|鸽|乌龟|宠物|水果|西瓜|蔬菜|青菜|猪肉|肉|鱼(?!竿)|牛奶|蛋糕|外卖|吃的|食品|药品?"
    r"|\b(?:dog|puppy|cat|kitten|hen|chicken|duck|goose|sheep|goat|cow|pig|rabbit|bird|pet|fruit|vegetables?|meat|fish|milk|cake|food|medicine)\b",
    re.IGNORECASE,
)
_ORDINARY = re.compile(
    "伞|衣|外套|裤|裙|鞋|帽|袜|书|包|水杯|杯子|眼镜|围巾|手套|玩具|钥匙|耳机|自行车|单车|农具|工具|锄头|玩偶|娃娃|拐杖|轮椅"
    r"|\b(?:umbrella|coat|jacket|shoes?|hat|cap|book|bag|cup|bottle|glasses|scarf|gloves?|toy|keys?|headphones|bicycle|bike|tools?)\b",
    re.IGNORECASE,
)


class Noun(StrEnum):
    """Words for a thing that a whole village may read.

    A finder's own words may hold a detail, a place or a name.
    """

    PHONE = "phone"
    WALLET = "wallet"
    PAPERS = "papers"
    CARD = "card"
    KEYS = "keys"
    UMBRELLA = "umbrella"
    CLOTHES = "clothes"
    BAG = "bag"
    GLASSES = "glasses"
    BICYCLE = "bicycle"
    ANIMAL = "animal"
    FOOD = "food"
    THING = "thing"


_NOUNS = {
    Noun.PHONE: r"手机(?!壳|支架|膜)|老人机|\b(?:i?phone)\b",
    Noun.WALLET: r"钱包|皮夹|钱袋|\b(?:wallet|purse)\b",
    Noun.PAPERS: r"证件|身份证|驾驶证|驾照|行驶证|户口|护照|通行证|\b(?:id card|passport|licen[cs]e)\b",
    Noun.CARD: r"银行卡|信用卡|社保卡|医保卡|\b(?:bank|credit) card\b",
    Noun.KEYS: r"钥匙|\bkeys?\b",
    Noun.UMBRELLA: r"伞|\bumbrella\b",
    Noun.CLOTHES: r"衣|外套|裤|裙|鞋|帽|袜|围巾|手套|\b(?:coat|jacket|shoes?|hat|cap|scarf|gloves?)\b",
    Noun.BAG: r"书包|背包|提包|挎包|\bbag\b",
    Noun.GLASSES: r"眼镜|\bglasses\b",
    Noun.BICYCLE: r"自行车|单车|\b(?:bicycle|bike)\b",
    Noun.ANIMAL: r"狗|犬|猫(?!砂)|鸡(?!毛)|鸭|鹅|羊(?!毛|绒)|牛(?!仔|皮|奶|肉)|兔|鸟|鸽|乌龟|宠物"
    r"|\b(?:dog|puppy|cat|kitten|hen|duck|goose|sheep|goat|cow|rabbit|bird|pet)\b",
    Noun.FOOD: r"水果|西瓜|菜|肉|牛奶|蛋糕|外卖|吃的|食品|\b(?:fruit|vegetables?|meat|milk|cake|food)\b",
}
_YUAN = re.compile(
    r"(\d[\d,，]*(?:\.\d+)?|[零一二两三四五六七八九十百千万]+)\s*(万|千|百)?多?\s*(?:元|人民币|块(?![^钱，。,；;、\s现人])|rmb|yuan|cny)|¥\s*(\d[\d,]*)",
    re.IGNORECASE,
)
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}


def guess_class(words: str) -> Class | None:
    """Return the class that the words point to, the most careful one first.

    None when they say too little and must be asked.
    """
    if _PERSON.search(words):
        return Class.PERSON
    if _DANGEROUS.search(words):
        return Class.DANGEROUS
    cash = yuan(words)
    much = cash >= MUCH_CASH if cash is not None else _CASH.search(words)
    if much or _VALUABLE.search(words) or _KEYS_WITH_ADDRESS.search(words):
        return Class.VALUABLE
    if _PERISHABLE.search(words):
        return Class.PERISHABLE
    return Class.ORDINARY if cash is not None or _ORDINARY.search(words) else None


def noun(words: str) -> Noun:
    """Return the public word for a thing; THING when none fits."""
    return next((each for each, pattern in _NOUNS.items() if re.search(pattern, words, re.IGNORECASE)), Noun.THING)


def yuan(words: str) -> float | None:
    """Return the largest sum of money that is named in yuan; None when there is none."""
    sums = [_number(digits or sign.replace(",", "")) * _TENS.get(unit, 1) for digits, unit, sign in _YUAN.findall(words)]
    return max(sums, default=None)


def _number(written: str) -> float:
    """Read "1,200", "五百" or "一千二".

    A number before a unit multiplies the unit; a last digit without a unit counts a tenth of the unit before it.
    """
    plain = written.replace(",", "").replace("，", "")
    if re.fullmatch(r"[\d.]+", plain):
        return float(plain)
    total, section, digit, unit = 0, 0, 0, 1
    for sign in plain:
        if sign == "万":
            total, section, digit, unit = total + (section + digit or 1) * 10_000, 0, 0, 10_000
        elif sign in _TENS:
            unit = _TENS[sign]
            section, digit = section + (digit or 1) * unit, 0
        else:
            digit = _DIGITS[sign]
            unit = 1 if sign == "零" else unit
    return total + section + digit * (max(unit // 10, 1))


def alike(one: str, other: str) -> bool:
    """Tell whether two descriptions may be of the same thing; "一把" and the like say nothing."""
    return intake.contained(_short(one), _short(other)) >= ALIKE


def _short(words: str) -> str:
    """Return a description in its shortest form, to compare it."""
    words = _COUNTED.sub("", words)
    for pattern, plain in _SHORT:
        words = pattern.sub(plain, words)
    return words
