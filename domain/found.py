"""Lost and found: found things until their owner has them, and lost things.

Knows five classes and their consequences (DOMAIN 7.1, 民法典 314–318); must not know who is notified. Invariants: a person is not lost
property; the bot never asks anybody to touch a dangerous thing; valuables go to the police only, and the chair learns nothing of them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from domain.core.change import PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, RecordChange
from domain.people.people import POLICE, Person, Role, Village

REMINDER = "found_reminder"
#: Spans until the next question: to the duty desk about a dangerous thing, to a finder about valuables, and monthly about all else. `DAILY`: how many
#: times a finder of valuables is asked daily.
DANGER_AGAIN, VALUABLE_AGAIN, AGAIN = timedelta(minutes=30), timedelta(hours=24), timedelta(days=30)
DAILY = 3
#: Cash of this amount or more is a valuable (yuan).
MUCH_CASH = 500
WHAT_LENGTH, PLACE_LENGTH, DETAIL_LENGTH, NOTE_LENGTH = 80, 60, 60, 200
A_DAY, DAY = 10, timedelta(days=1)


class Class(StrEnum):
    """Kinds of things; each is handled in its own way."""

    VALUABLE = "valuable"
    ORDINARY = "ordinary"
    PERISHABLE = "perishable"
    DANGEROUS = "dangerous"
    PERSON = "person"


class State(StrEnum):
    """State of a found thing: `reported`: with its finder; `stored`: with its keeper."""

    REPORTED = "reported"
    STORED = "stored"
    RETURNED = "returned"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """Actions on a found thing."""

    RECEIVE = "receive"
    HAND_OVER = "hand_over"
    DENY = "deny"
    NOTE = "note"
    LOCATE = "locate"
    CLEAR = "clear"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"


@immutable
class Item:
    """One found thing.

    `place`: where it was found; `denials`: number of people who asked for it and were not its owner; `details`: number of sealed details.
    `published_at`: when the village's group was told.
    """

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    kind: Class
    what: str
    place: str
    finder_id: PersonId
    finder_name: str
    details: int
    state: State
    opened_at: datetime
    ended_at: datetime | None = None
    handled_by: PersonId | None = None
    denials: int = 0
    published_at: datetime | None = None
    version: int = 1

    @property
    def keeper(self) -> Role:
        """The post that keeps it and is asked first."""
        return Role.OFFICER if self.kind in FOR_POLICE else Role.CHAIR


#: The classes that the village's group may hear of, by a noun of `Noun` only.
PUBLIC = frozenset({Class.VALUABLE, Class.ORDINARY, Class.PERISHABLE})
FOR_POLICE = frozenset({Class.VALUABLE, Class.DANGEROUS})
ITEMS: Lifecycle[Item] = Lifecycle(
    "found",
    {
        (State.REPORTED, Verb.RECEIVE): State.STORED,
        (State.REPORTED, Verb.HAND_OVER): State.RETURNED,
        (State.REPORTED, Verb.DENY): State.REPORTED,
        (State.REPORTED, Verb.NOTE): State.REPORTED,
        (State.REPORTED, Verb.LOCATE): State.REPORTED,
        (State.REPORTED, Verb.CLEAR): State.CLEARED,
        (State.REPORTED, Verb.WITHDRAW): State.WITHDRAWN,
        (State.REPORTED, Verb.PUBLISH): State.REPORTED,
        (State.STORED, Verb.HAND_OVER): State.RETURNED,
        (State.STORED, Verb.DENY): State.STORED,
        (State.STORED, Verb.NOTE): State.STORED,
        (State.STORED, Verb.PUBLISH): State.STORED,
    },
    ended=(State.RETURNED, State.CLEARED, State.WITHDRAWN),
)


# Found ----------------------------------------------------------------------------------------------------------------


def report(
    number: int, finder: Person, village: Village, *, kind: Class, what: str, place: str, details: int, at: datetime
) -> RecordChange[Item]:
    """Register a found thing; its reminder is scheduled."""
    assert finder.id is not None
    value = Item(
        number, village.id, village.station_id, village.name, kind, what, place, finder.id, finder.name, details, State.REPORTED, at
    )
    return ITEMS.begin(value, finder.id, at, timers=(remind_again(value, at=at),))


def remind_again(item: Item, *, at: datetime, turn: int = 1) -> Timer:
    """Return the timer of the next question about it.

    Soon for a dangerous thing; daily for valuables until they are handed in, a limited number of times; monthly for everything else.
    """
    if item.kind is Class.DANGEROUS:
        after = DANGER_AGAIN if turn == 1 else VALUABLE_AGAIN
    else:
        after = VALUABLE_AGAIN if item.kind is Class.VALUABLE and item.state is State.REPORTED and turn <= DAILY else AGAIN
    return ITEMS.timer(item, REMINDER, at + after, turn=turn)


def locate(item: Item, by: PersonId, place: str, *, at: datetime) -> RecordChange[Item]:
    """Record the place of something dangerous."""
    return ITEMS.move(item, Verb.LOCATE, by, at, place=place)


def receive(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that the keeper has it; from now on they are asked monthly."""
    return ITEMS.move(item, Verb.RECEIVE, by, at, handled_by=by, promises=lambda stored: (remind_again(stored, at=at),))


def hand_over(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that its owner has it again."""
    return ITEMS.move(item, Verb.HAND_OVER, by, at, handled_by=by)


def deny(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that somebody who is not its owner asked for it."""
    return ITEMS.move(item, Verb.DENY, by, at, denials=item.denials + 1)


def note(item: Item, by: PersonId, words: str, *, at: datetime) -> RecordChange[Item]:
    """Add a keeper's words."""
    return ITEMS.move(item, Verb.NOTE, by, at, words=words)


def clear(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that the police took something dangerous away."""
    return ITEMS.move(item, Verb.CLEAR, by, at, handled_by=by)


def withdraw(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Withdraw the report for its finder."""
    return ITEMS.move(item, Verb.WITHDRAW, by, at)


def may_publish(item: Item) -> bool:
    """Decide whether the village's group may be told of it now.

    It is told once, and never of something dangerous.
    """
    return item.kind in PUBLIC and item.published_at is None and ITEMS.allows(item, Verb.PUBLISH)


def publish(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that the village's group is told of it.

    Raises:
        RuleError: `found.published`: the group knows, or must not know.
    """
    change = ITEMS.move(item, Verb.PUBLISH, by, at, published_at=at)
    if not may_publish(item):
        raise RuleError("found.published", number=str(item.id))
    return change


def may_keep(actor: Person, item: Item) -> bool:
    """Decide whether the actor may handle a found thing.

    The police of its village may, and its chair unless it is for the police only.
    """
    if actor.suspended:
        return False
    roles = (Role.OFFICER,) if item.kind in FOR_POLICE else (Role.OFFICER, Role.CHAIR)
    return item.village_id in actor.villages(*roles) or item.station_id in actor.stations(*(POLICE - {Role.OFFICER}))


# Lost -----------------------------------------------------------------------------------------------------------------


class LostState(StrEnum):
    """State of a lost thing, as reported by its owner."""

    MISSING = "missing"
    BACK = "back"


class LostVerb(StrEnum):
    """Actions of the owner on it."""

    GOT_BACK = "got_back"


@immutable
class Loss:
    """A lost thing, as its owner describes it."""

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    what: str
    place: str
    owner_id: PersonId
    state: LostState
    opened_at: datetime
    ended_at: datetime | None = None
    version: int = 1


LOSSES: Lifecycle[Loss] = Lifecycle("lost", {(LostState.MISSING, LostVerb.GOT_BACK): LostState.BACK}, ended=(LostState.BACK,))


def lose(number: int, owner: Person, village: Village, *, what: str, place: str, at: datetime) -> RecordChange[Loss]:
    """Register a lost thing."""
    assert owner.id is not None
    value = Loss(number, village.id, village.station_id, village.name, what, place, owner.id, LostState.MISSING, at)
    return LOSSES.begin(value, owner.id, at)


def got_back(loss: Loss, by: PersonId, *, at: datetime) -> RecordChange[Loss]:
    """Record that its owner has it again."""
    return LOSSES.move(loss, LostVerb.GOT_BACK, by, at)


# Words ----------------------------------------------------------------------------------------------------------------

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
