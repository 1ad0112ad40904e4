"""Scripts of several people: they warn, confirm, mediate, train and take leave.

Knows the button that follows each command; must not know how it is pressed. Invariant: the same die gives the same script; a step whose
button is not on the screen is skipped, and does not block others.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.faults.simulation.town import CAST, VILLAGES


@dataclass(frozen=True)
class Part:
    """A line of a script: so many seconds after the one before, say or press something.

    `who`: the post, or "v0" … "v2" for a villager. `verbs`: the button pressed (its data begins so), the first one on the screen; with
    `words`: the button whose case replaces `{case}`.
    """

    after_s: float
    who: str
    words: str = ""
    verbs: tuple[str, ...] = ()


def says(after_s: float, who: str, words: str, *verbs: str) -> Part:
    return Part(after_s, who, words, verbs)


def presses(after_s: float, who: str, *verbs: str) -> Part:
    return Part(after_s, who, "", verbs)


_REPORT = (says(5, "v0", "/report dispute {word} 邻居砌墙占路"), presses(15, "chair", "c.acc"))
_ALERT = (says(5, "officer", "/alert {level} 全部 今夜台风登陆，请到礼堂"), presses(12, "officer", "asend"))
_GOT = (presses(25, "chair", "atold", "aseen"), presses(4, "v0", "agot"), presses(4, "v1", "agot"))
_SETTLE = says(15, "chair", "/settle {case} 各让半米{word}", "c.set", "c.med")


def _leave(who: str, deputy: str, *then: Part) -> tuple[Part, ...]:
    answers = (presses(10, who, f"answer|leave|{answer}") for answer in ("from|now", "until|1d"))
    return (says(5, who, "/duty"), presses(10, who, "leave"), *answers, says(10, who, deputy), *then)


#: A name → its parts. Words in the plan are those of docs/commands.md.
SCRIPTS: dict[str, tuple[Part, ...]] = {
    "alert": (*_ALERT, *_GOT),
    "alert recalled": (*_ALERT, *_GOT[:2], presses(10, "officer", "arecall"), presses(10, "officer", "arecallok")),
    "alert nudged": (*_ALERT, presses(150, "officer", "anudge"), *_GOT),
    "red alert": (
        says(5, "duty", "/alert 红 全部 水库要泄洪，马上转移"),
        presses(12, "duty", "asend"),
        presses(15, "leader", "aagree"),
        *_GOT,
    ),
    "drill": (
        says(5, "officer", "/drill {level} 全部 防汛演练"),
        presses(12, "officer", "dsend"),
        presses(25, "chair", "drillok"),
        presses(4, "v0", "drillgot"),
    ),
    "mediation": (*_REPORT, says(15, "chair", "/mediate {case} 双方到场{word}", "c.med"), _SETTLE),
    "mediation with a next date": (
        *_REPORT,
        presses(12, "chair", "c.med"),
        *(says(9, "chair", words) for words in ("今天", "村委会", "双方都在", "各退一步，再谈{word}", "后天 9:00")),
        says(15, "chair", "/mediate {case} 又谈了一次", "c.med"),
        _SETTLE,
    ),
    "joint mediation": (
        *_REPORT,
        says(15, "chair", "/escalate {case} 怕动手{word}", "c.esc"),
        presses(15, "officer", "c.ack"),
        says(15, "officer", "/mediate {case} 一起谈了{word}", "c.med"),
        says(15, "officer", "/settle {case} 谈成了{word}", "c.set", "c.med"),
    ),
    "training": (
        says(5, "{organiser}", "/training"),
        presses(9, "{organiser}", "tnew"),
        says(9, "{organiser}", "反诈讲座"),
        says(9, "{organiser}", "明天 14:00"),
        presses(9, "{organiser}", "answer|training|hours|2"),
        says(9, "{organiser}", "礼堂"),
        presses(9, "{organiser}", "answer|training|capacity|20"),
        presses(12, "{organiser}", "tgo"),
        presses(90, "v0", "tyes"),
        presses(4, "v1", "tyes"),
        presses(4, "v2", "tno"),
    ),
    "a chair's leave": _leave("chair", "书记东"),
    "a chair's leave declined": _leave("chair", "书记东", presses(15, "secretary", "nodeputy")),
    "a chair's leave ended": _leave("chair", "书记东", presses(60, "chair", "noleave")),
    "an officer's leave": _leave("officer", "所长{station}"),
}
#: Relative frequency of each: alerts and mediations are most of a town's promises.
WEIGHTS = {"alert": 4, "alert nudged": 2, "red alert": 3, "mediation": 4, "joint mediation": 3, "training": 3}
NAMES = tuple(SCRIPTS)
#: Only in this village the chair has a deputy.
WITH_DEPUTY = 0


@dataclass(frozen=True)
class Cue:
    """Part of a script with an actor of the cast; only the case and the word are open."""

    after_s: float
    actor: int
    words: str
    verbs: tuple[str, ...]


def script(die: Random, village: int) -> tuple[Cue, ...]:
    """Choose the script of a village."""
    name = die.choices(NAMES, [WEIGHTS.get(each, 1) for each in NAMES])[0]
    if "chair's leave" in name:
        village = WITH_DEPUTY
    station = VILLAGES[village][1]
    facts = {"{level}": die.choice("蓝黄橙"), "{station}": "甲乙"[station], "{organiser}": die.choice(("chair", "officer"))}
    cues = []
    for part in SCRIPTS[name]:
        who, words = facts.get(part.who, part.who), part.words
        for placeholder, value in facts.items():
            words = words.replace(placeholder, value)
        cues.append(Cue(part.after_s, _actor(who, village, station), words, part.verbs))
    return tuple(cues)


def _actor(who: str, village: int, station: int) -> int:
    if who[1:].isdecimal():
        return [actor.index for actor in CAST if actor.village == village][int(who[1:])]
    here = (actor for actor in CAST if actor.village == village or (actor.village < 0 and actor.station == station))
    return next(actor.index for actor in here if actor.post == who)
