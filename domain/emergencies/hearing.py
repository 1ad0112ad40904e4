"""Hear danger in what people write or say: none, unsure or urgent, and which kind.

Three steps: find *signs* of danger, weaken them by *contexts* (a drill, a film, last year, a question about a form), strengthen them by words
of haste, and add up. The words are in the tables of this package. Pure: no model, no network, no clock. Invariant: a message without a
dangerous word ends after one search, and the time for any other is limited by its length.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from domain.core.immutable import replace
from domain.emergencies import (
    chinese_clues,
    chinese_contexts,
    chinese_harmless,
    chinese_ordinary,
    chinese_sets,
    english,
    english_clues,
    english_contexts,
)
from domain.emergencies.clues import Score, is_chinese
from domain.emergencies.heard import CALM, Danger, Heard, Level
from domain.emergencies.normal import corrected, plain
from domain.emergencies.one_word import is_bare
from domain.emergencies.roles import without_roles
from domain.emergencies.rows import Index, Row, any_of, one_of
from domain.emergencies.tables import Context, Sign, contexts, plain_rows, signs

#: From this sum on a message is urgent, and from this one on it is asked about.
URGENT, UNSURE = 3, 2
#: A whole message that is a number to dial, SOS or "help me"; case numbers start at 1001.
DIALLED = re.compile(
    r"(?:快?(?:打|拨|报)|call|dial)?\s*(?:(110)|(119)|(120)|(122)|sos|(?:please )?help (?:me|us)(?: please)?)", re.IGNORECASE
)
#: Characters of the longest message that is a number to dial.
_DIALLED_LENGTH = 24
_BY_NUMBER = (Danger.VIOLENCE, Danger.FIRE, Danger.MEDICAL, Danger.TRAFFIC)
_FAMILY = any_of(
    "老公/丈夫/我男人/我爸/爸爸/妈妈/我妈/继父/后爸/前夫/老婆/媳妇/婆婆/公公/儿子/家暴/两口子/我哥/我弟/女婿"
    "/husband/wife/dad/father/mom/mum/domestic/boyfriend/my ex/stepfather/stepdad/my son"
)
#: Words of suicide that are about somebody else, or come from the person themselves.
_SOMEBODY_ELSE = any_of(
    "他/她/有人/有个/老婆/老公/媳妇/女儿/儿子/同学/朋友/姐/妹/嫂/爸/妈/室友/爷/奶/哥/弟/闺女/姑娘/小伙/邻居/隔壁/老头/老太/对象"
    "/she/he/wife/husband/son/daughter/friend/roommate/brother/sister/mom/mum/dad/someone/girl/boy/man/woman"
)
_ONESELF = any_of("我/活着/不想活/i/im/my/myself")


SIGNS: Index[Sign] = Index(signs())
CONTEXTS: Index[Context] = Index(contexts())
HARMLESS: Index[Row] = Index(plain_rows({chinese_harmless.HARMLESS: chinese_sets.SETS, english_contexts.HARMLESS: english.SETS}))
NOW: Index[Row] = Index(plain_rows({chinese_contexts.NOW: chinese_sets.SETS, english_contexts.NOW: english.SETS}))
_REAL = re.compile(one_of(chinese_contexts.REAL.split("/")))
CHINESE = Score((*chinese_clues.CLUES, *chinese_ordinary.CLUES), base=chinese_clues.BASE, lengths=chinese_clues.LENGTHS, chinese=True)
ENGLISH = Score(english_clues.CLUES, base=english_clues.BASE, lengths=english_clues.LENGTHS, chinese=False)
#: The points of what the signs say, and from how many points on a message is asked about, and urgent.
SIGNED = {Level.NONE: 0, Level.UNSURE: 3, Level.URGENT: 11}
ASKED_FROM, URGENT_FROM = 5, 12
#: Urgent signs are urgent whatever else is said, up to so many points against danger.
DOUBT = 5
#: So are those of a message of so few characters: nothing else is said in it.
SHORT = 8
#: A message of so few characters without a sign may answer a question of the bot ("五万"): its clues must be urgent.
ANSWER = 9
#: So many clues are needed if none of them names a danger.
FEW = 4
#: So many if one does.
MIN_CLUES = 2
#: Characters of a message whose clues count.
_PART = 120
#: A short first clause that says what has happened.
_FIRST = re.compile("([^,.]{2,7}[了啦咯哉嘞])[,.]")
#: Contexts in which it does not happen now, wherever they stand.
TOLD = frozenset({"drill", "story", "past", "settled", "put out", "long over", "once", "law", "laughter"})
#: Contexts in which clues alone are not asked about.
IMAGINED = frozenset({"drill", "story"})
#: Groups of clues that make a last clause speak of the danger before it: it is over, or only asked about.
CALMING = frozenset(
    {
        "settled",
        "questions",
        "exaggeration",
        "events, films and lessons",
        "fears and plans",
        "the past",
        "trade",
        "school",
        "sports",
        "offices and papers",
        "disputes",
        "hearsay",
        "habits",
    }
)
#: So many clauses are heard by themselves, the last ones.
_APART = 2
_END = re.compile("[,.]")
#: What makes a clause behind it a case that is thought of, or the words of others.
_SUPPOSED = any_of(
    "如果/要是/万一/假如/假设/倘若/比如/例如/听说/据说/写着/标题/题目/口号/口诀/内容是/台词/if/in case/heard that/says/suppose/for example"
)
#: "For the second time" does not make a danger smaller.
_REPEATED = re.compile(
    "[,.]?(?:谢谢|谢谢了|谢谢大家|多谢|拜托了?| thank you| thanks)(?=[.]+$)|[,.]?第(?:[02-9]|[0-9]{2,3}|[二两三四五六七八九十几n]{1,3})[次回遍]"
)
#: What follows a danger that was over: it is there again, or was not over.
_AGAIN = any_of("又/还没/还在/还有人/再次/again/still/not yet")
#: A clause about something that is done, and then one about a person: a new matter, if no danger stands before it.
_NEW_MATTER = re.compile(
    "[了过好完][,.](?=有人|有个|有[一两三几]|我[爸妈爷奶家老弟妹姐哥]|孩子|小孩|娃|老人|快|救|着火|起火|他|她|隔壁|邻居|村口|门口|河|路)"
)
#: What ends a time of the past.
_RESET = any_of("现在/刚刚/刚才/今天/今晚/今早/这次/这回/这会/这下/又/right now/just now/now/today")
#: Contexts of a danger that is over, and the words behind them that say that there is danger now.
_RESUMED = {"settled": _AGAIN, "put out": _AGAIN, "once": _RESET, "long over": _RESET}


@lru_cache(maxsize=64)
def hear(text: str) -> Heard:
    """Return how urgent a message sounds and what it is about.

    Lane, rate limiter and answer of one message ask one after the other; it is heard once.
    """
    line = plain(text)
    if (dialled := _dialled(line)) is not None:
        return dialled
    line = _REPEATED.sub("", corrected(line))
    spans = _spans(_without_harmless(line))
    heard_as = _scored(_weigh(line, spans) if spans else CALM, _around(line, spans))
    return (
        heard_as if not heard_as.calm else _bare(line) or _said_first(line) or _said_apart(line, spans) or _said_before(line, spans) or CALM
    )


def _bare(line: str) -> Heard | None:
    """Return a message that is one word of danger, to be asked about."""
    found, danger = is_bare(line)
    return _about(Heard(Level.UNSURE), danger, line) if found else None


def _said_first(line: str) -> Heard | None:
    """Return a danger that a message begins with, to be asked about whatever follows.

    着火了，快通知大家. It is a short clause in the perfect with an urgent sign, in a message that is neither a story nor about the past.
    """
    found = _FIRST.match(line)
    if found is None or _Weakening(line).whole & TOLD:
        return None
    clause = found[1] + "."
    spans = _spans(_without_harmless(clause))
    return _asked(_weigh(clause, spans) if spans else CALM)


def _said_before(line: str, spans: list[tuple[Sign, int, int]]) -> Heard | None:
    """Return a danger that is said before a last clause of another matter, to be asked about.

    洪水进村咯,齐腰深了,路灯也坏了. The last clause has no sign, and no context weakens the whole message.
    """
    end = max(line.rfind(",", 0, -2), line.rfind(".", 0, -2))
    if end < 1 or any(start > end for _, start, _ in spans) or _Weakening(line, spans).whole:
        return None
    head, last = line[:end] + ".", line[end + 1 :]
    score = CHINESE if is_chinese(last) else ENGLISH
    if not CALMING.isdisjoint(score.groups(score.words_in(last)[0])):
        return None
    return (None if head[0].isdigit() else _bare(head)) or _asked(_alone(head))


def _said_apart(line: str, spans: list[tuple[Sign, int, int]]) -> Heard | None:
    """Return a danger that is said after something else, to be asked about.

    村口路灯坏了，着火了. It is urgent together with all that follows it, or by itself before what speaks of nothing else; it is neither a story,
    nor about the past, nor supposed.
    """
    starts = sorted({_beginning(line, start) for _, start, _ in spans} - {0}, reverse=True)[:_APART]
    ends = [found.end() for found in _END.finditer(line) if found.end() < len(line) - 2]
    for start in dict.fromkeys([*(starts or ends[-1:]), *ends[:1]]):
        rest = line[start : start + _PART]
        heard = (None if rest[0].isdigit() else _bare(rest)) or _asked(_alone(rest))
        if heard is None and spans:
            clause = _END.split(rest, maxsplit=1)[0] + "."
            heard = _asked(_alone(clause)) if len(clause) < len(rest) and not _Weakening(rest).whole else None
        if heard is not None and _SUPPOSED(line[:start]) is None and not _Weakening(line, spans).told_before(start):
            return heard
    return None


def _alone(line: str) -> Heard:
    """Return what a part of a message says by itself.

    It is urgent if its signs are and the clues do not speak against it.
    """
    spans = _spans(_without_harmless(line))
    ruled = _weigh(line, spans) if spans else CALM
    heard = _scored(ruled, _around(line, spans))
    return ruled if ruled.level is Level.URGENT and not heard.calm else heard


def _asked(heard: Heard) -> Heard | None:
    """Return an urgent part of a message as one to be asked about."""
    return replace(heard, level=Level.UNSURE) if heard.level is Level.URGENT else None


def _beginning(line: str, position: int) -> int:
    """Return where the clause of a position begins."""
    return max(line.rfind(",", 0, position), line.rfind(".", 0, position)) + 1


def _around(line: str, spans: list[tuple[Sign, int, int]]) -> str:
    """Return the part of a message whose clues count.

    Of a long one it is the part around its heaviest sign.
    """
    if len(line) <= _PART:
        return line
    middle = (spans[0][1] + spans[0][2]) // 2 if spans else 0
    return line[max(0, middle - _PART // 2) :][:_PART]


def _scored(ruled: Heard, line: str) -> Heard:
    """Add the points of the clues to what the signs say."""
    score = CHINESE if is_chinese(line) else ENGLISH
    words, length = score.words_in(without_roles(line))
    danger = score.danger(words) if ruled.calm else ruled.danger
    if ruled.calm and len(words) < (FEW if danger is None else MIN_CLUES):
        return CALM
    points, against = score.points(words, length=length)
    if not ruled.calm and (len(line) <= SHORT or (ruled.level is Level.URGENT and against <= DOUBT)):
        return ruled
    points += SIGNED[ruled.level]
    if points < (URGENT_FROM if ruled.calm and len(line) <= ANSWER else ASKED_FROM):
        return CALM
    if points < URGENT_FROM and ruled.calm and not IMAGINED.isdisjoint(_Weakening(line).whole):
        return CALM
    level = Level.URGENT if points >= URGENT_FROM else Level.UNSURE
    return _about(Heard(level), danger, line) if ruled.calm else replace(ruled, level=level)


def _dialled(line: str) -> Heard | None:
    number = line.strip(" .,") if len(line) <= _DIALLED_LENGTH else ""
    found = DIALLED.fullmatch(number) if number else None
    if found is None:
        return None
    return Heard(Level.URGENT, next((danger for danger, number in zip(_BY_NUMBER, found.groups(), strict=True) if number), None))


def _without_harmless(line: str) -> str:
    """Replace harmless compounds by signs that no row knows, without moving the rest."""
    for row, positions in HARMLESS.find(line).items():
        for start, end in row.places(line, positions):
            line = f"{line[:start]}{'_' * (end - start)}{line[end:]}"
    return line


def _weigh(line: str, spans: list[tuple[Sign, int, int]]) -> Heard:
    """Return what the signs say, weakened by the contexts and strengthened by haste."""
    contexts = _Weakening(line, spans)
    haste = any(row.places(line, positions) for row, positions in NOW.find(line).items())
    best: dict[Danger | None, tuple[int, int]] = {}
    apart: list[tuple[int, int]] = []
    for sign, start, end in spans[:_WEIGHED]:
        found = sign.weight - contexts.weakening(sign.danger, start, end), sign.weight
        best[sign.danger] = max(best.get(sign.danger, found), found)
        if not any(start < other_end and other_start < end for other_start, other_end in apart):
            apart.append((start, end))
    total = max(best.values())[0] + haste + (len(apart) > 1)
    if total < UNSURE:
        return CALM
    named = {danger: found for danger, found in best.items() if danger is not None and found[0] > 0}
    danger = _likeliest([danger for danger in Danger if named and named.get(danger) == max(named.values())], spans)
    return _about(Heard(Level.URGENT if total >= URGENT else Level.UNSURE), danger, line)


def _likeliest(dangers: list[Danger], spans: list[tuple[Sign, int, int]]) -> Danger | None:
    """Return the kind that has most signs; of equal ones, what costs a life soonest."""
    signs = Counter(sign.danger for sign, _, _ in spans)
    return max(dangers, key=lambda danger: signs[danger], default=None)


def _about(heard: Heard, danger: Danger | None, line: str) -> Heard:
    """Return what was heard with its kind, and who is concerned."""
    return replace(
        heard,
        danger=danger,
        at_home=danger is Danger.VIOLENCE and _FAMILY(line) is not None,
        own=danger is Danger.SUICIDE and _ONESELF(line) is not None and _SOMEBODY_ELSE(line) is None,
    )


#: So many signs are weighed; a message with more of them is about danger anyway.
_WEIGHED = 20
#: So many are sought; no sentence of the corpora has half as many.
_SOUGHT = 40


def _spans(line: str) -> list[tuple[Sign, int, int]]:
    """Return the signs of a message with their places, the heaviest first."""
    found: list[tuple[Sign, int, int]] = []
    for sign, positions in SIGNS.find(line).items():
        found += [(sign, *place) for place in sign.row.places(line, positions)]
        if len(found) >= _SOUGHT:
            break
    return sorted(found, key=lambda each: -each[0].weight)


class _Weakening:
    """Contexts of a message: those of the whole message, and those with a place."""

    __slots__ = ("_line", "_over", "_placed", "_signs", "_whole")

    def __init__(self, line: str, spans: list[tuple[Sign, int, int]] | None = None) -> None:
        """Find the contexts of a line; `spans`: its signs."""
        line = _REAL.sub(lambda found: "_" * len(found[0]), without_roles(line))
        self._line = line
        self._signs = [start for _, start, _ in spans or ()]
        self._over: dict[str, int] = {}
        self._placed: list[tuple[Context, int, int]] = []
        self._whole: dict[str, Context] = {}
        for context, positions in CONTEXTS.find(line).items():
            if context.scope == "message" and context.name in self._whole:
                continue
            places = context.row.places(line, positions)
            if places and context.scope == "message":
                self._whole[context.name] = context
                self._over[context.name] = places[0][1]
            else:
                self._placed += [(context, *place) for place in places]

    @property
    def whole(self) -> frozenset[str]:
        """The names of the contexts of the whole message."""
        return frozenset(self._whole)

    def told_before(self, position: int) -> bool:
        """Tell whether it is a story, or a time of the past before a position reaches it."""
        return not TOLD.isdisjoint(self._whole) or any(
            _applies("onward", self._line, (position, position), (start, end)) and not self._is_new(end, position)
            for context, start, end in self._placed
            if context.scope == "onward"
        )

    def weakening(self, danger: Danger | None, start: int, end: int) -> int:
        """Return by how much the contexts weaken a sign; each context counts once."""
        weights = {
            name: context.weight
            for name, context in self._whole.items()
            if danger not in context.spares and not self._is_resumed(name, end)
        }
        for context, context_start, context_end in self._placed:
            if (
                context.name not in weights
                and danger not in context.spares
                and _applies(context.scope, self._line, (start, end), (context_start, context_end))
                and not (context.scope == "onward" and self._is_new(context_end, start))
            ):
                weights[context.name] = context.weight
        return sum(weights.values())

    def _is_resumed(self, name: str, end: int) -> bool:
        """Return whether the words between a context and the end of a sign take it back."""
        search = _RESUMED.get(name)
        return search is not None and search(self._line[self._over[name] : end]) is not None

    def _is_new(self, past: int, position: int) -> bool:
        """Return whether the words from a position on leave the past that came before them."""
        found = _NEW_MATTER.search(self._line, past, position + 4)
        return found is not None and found.end() <= position and not any(past <= start < found.end() for start in self._signs)


def _applies(scope: str, line: str, sign: tuple[int, int], context: tuple[int, int]) -> bool:
    """Return whether a context reaches a sign, from their places."""
    if scope == "overlap":
        return context[0] < sign[1] and sign[0] < context[1]
    if scope == "ahead":
        return 0 <= context[0] - sign[1] <= 1
    between = line[context[1] : sign[0]]
    if scope == "onward":
        return context[1] <= sign[0] and _RESET(between) is None
    if "," in between or "." in between:
        return False
    return context[0] < sign[1] - 1 if scope == "after" else context[1] <= sign[0] and len(between) <= 2
