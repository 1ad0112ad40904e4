"""Messages that are one word of danger: "救护车", "有人打架", "ambulance".

A person in danger may write no more. A word says too little to send for somebody at once: it is asked about. Knows no rule of the sign tables.
"""

from __future__ import annotations

import re

from domain.emergencies.heard import Danger

#: What may stand before the word, and behind it.
_BEFORE = (
    "我/我们/我要/我想/要/快/快点/赶紧/赶快/马上/帮我/帮忙/帮/请/求求你/能不能/有人/有人在/在/那边/这边/家里/外面/门口/楼下"
    "/又/又在/再次/还是/叫/喊/打/拨/来/派/辆/一辆/个/一下/给我"
)
_BEFORE_ENGLISH = "call/need/i need/we need/get/send/please/the/an/a/there is a/theres a"
_BEHIND = "怎么还没来/怎么还没到/怎么还不来/什么时候到/到哪了/快到了吗/了/啊/呀/啦/吧/呐/哪/快/快来/快点/来/please/now/here"
#: The words of each kind; None: a cry that does not say what happens.
WORDS: dict[Danger | None, str] = {
    None: "110/报警/警察/民警/公安/派出所来人/出警/来人/人命/出人命/要出人命/闹出人命/死人/救人/police/the police/cops/emergency/an emergency",
    Danger.FIRE: "119/消防车/消防队/消防员/火警/火/大火/冒烟/救火/fire brigade/fire department/fire engine/fire truck/firefighters",
    Danger.MEDICAL: (
        "救护车/120/120救护车/急救/担架/心脏病/心梗/心肌梗塞/脑溢血/脑梗/中风/癫痫/羊癫疯/食物中毒/受伤/流血/不省人事/没气/难产/休克/不行/快不行/断气"
        "/ambulance/paramedics/heart attack/stroke/seizure"
    ),
    Danger.GAS: "中毒/漏气/漏电/煤气味/毒气/煤气/gas leak/electric shock",
    Danger.VIOLENCE: (
        "打架/干架/干仗/斗殴/群殴/打群架/打起来/动手/动刀/有刀/持刀/砍人/捅人/行凶/家暴/抢劫/打劫/劫匪/小偷/进贼/有贼/绑架/强奸/杀人/被打/挨打/被砍/被捅/被抢/被绑"
        "/murder/robbery/robber/burglar/a fight/fighting/gun/knife/rape"
    ),
    Danger.COLLAPSE: "塌/塌方/垮/倒塌/塌房/房塌/要塌/被困/困住/被埋/埋人/发大水/决口/trapped/landslide",
    Danger.WATER: "落水/溺水/掉河/掉水里/淹水里/水里有人/drowning",
    Danger.TRAFFIC: "122/撞车/撞人/翻车/被撞/出事故/car crash/car accident/accident",
    Danger.SUICIDE: "跳楼/跳河/跳桥/上吊/割腕/自杀/轻生/寻死/想死/suicide",
    Danger.MISSING: "孩子丢/孩子没/走丢/走失/人丢/人不见/孩子被抱/kidnapped/child missing",
    Danger.MONEY: "被骗/被骗钱/钱被骗/遇到骗子/钱没/钱被转/scammed",
}


def _one_of(words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words.split("/"), key=len, reverse=True))


_KINDS = {word: danger for danger, words in WORDS.items() for word in words.split("/")}
_CHINESE = re.compile(f"(?:{_one_of(_BEFORE)}|[,.]){{0,4}}({_one_of('/'.join(_KINDS))})(?:\\1|{_one_of(_BEHIND)}|[,. ]){{0,4}}")
_ENGLISH = re.compile(f"(?:(?:{_one_of(_BEFORE_ENGLISH)}) ){{0,3}}({_one_of('/'.join(_KINDS))})(?: (?:{_one_of(_BEHIND)})|[,. ]){{0,4}}")
#: A longer message says more than one word.
LONGEST = 24


def is_bare(line: str) -> tuple[bool, Danger | None]:
    """Return whether a plain message is one word of danger, and its kind."""
    found = (_CHINESE.fullmatch(line) or _ENGLISH.fullmatch(line)) if len(line) <= LONGEST else None
    return (True, _KINDS[found[1]]) if found is not None else (False, None)
