"""Weigh the clues: choose the points of groups and words from the sentences of `seen.tsv`.

    python -m tests.domain.emergencies.weigh_clues

Rewrites chinese_clues.py, chinese_ordinary.py and english_clues.py in domain/emergencies. People choose the groups and their words; a
logistic regression chooses the points. Words are held back more strongly than groups, so that a word departs from its group only if
many sentences say so.
"""

from __future__ import annotations

import math
import random
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from domain.emergencies import chinese_clues, chinese_ordinary, english_clues
from domain.emergencies.clues import Clues, Score, is_chinese
from domain.emergencies.normal import corrected, plain
from domain.emergencies.roles import without_roles

TABLES = Path(__file__).parents[3] / "domain" / "emergencies"
#: Points per natural logarithm of the odds.
UNIT = 4
ROUNDS, STEP = 60, 0.2
GROUPS_HELD, WORDS_HELD = 0.02, 0.05
WIDTH = 146


def weigh(groups: Sequence[Clues], limits: Sequence[int], labelled: list[tuple[str, bool]], *, chinese: bool) -> dict[str, float]:
    """Return the weight of each feature; "" is that of every message."""
    bare = [Clues(group.name, group.danger, (0, 0, 0), "/".join(words_of(group))) for group in groups]
    score = Score(bare, base=0, lengths=(), chinese=chinese)
    found = [(features(bare, limits, *score.words_in(without_roles(corrected(plain(sentence))))), urgent) for sentence, urgent in labelled]
    return fit(found)


def words_of(group: Clues) -> list[str]:
    """Return the words of a group without their points."""
    return [
        each.rstrip("0123456789").rstrip("+-") if each[-1].isdigit() and ("+" in each or "-" in each) else each
        for each in group.words.split("/")
    ]


def features(groups: Sequence[Clues], limits: Sequence[int], words: set[str], length: int) -> list[str]:
    """Return the groups with one, two and three words, the words, and the class of the length."""
    named = []
    for index, group in enumerate(groups):
        hits = words.intersection(group.words.split("/"))
        named += [f"{index}.{n}" for n in range(1, min(3, len(hits)) + 1)]
        named += [f"={word}" for word in hits]
    return sorted([*named, f"<{next((limit for limit in limits if length < limit), 0)}"])


def fit(found: list[tuple[list[str], bool]]) -> dict[str, float]:
    """Fit a logistic regression by adaptive steps; return the mean of the second half.

    The order of the sentences is always the same, so that the points are too.
    """
    weights: dict[str, float] = defaultdict(float)
    squares: dict[str, float] = defaultdict(lambda: 1e-3)
    chance, order = random.Random(2), list(range(len(found)))  # noqa: S311  # the order of practice, no secret
    mean: dict[str, float] = defaultdict(float)
    for practice in range(ROUNDS):
        chance.shuffle(order)
        for index in order:
            names, urgent = found[index]
            total = weights[""] + sum(weights[name] for name in names)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) - urgent
            weights[""] -= 0.01 * error
            for name in names:
                slope = error + (WORDS_HELD if name.startswith("=") else GROUPS_HELD) * weights[name]
                squares[name] += slope * slope
                weights[name] -= STEP * slope / math.sqrt(squares[name])
        if practice >= ROUNDS // 2:
            for name, weight in weights.items():
                mean[name] += weight / (ROUNDS - ROUNDS // 2)
    return mean


def written(title: str, groups: Sequence[Clues], weights: dict[str, float], *, limits: Sequence[int] | None, begin: int = 0) -> str:
    """Return the text of a table with its points.

    `begin`: the place of its first group. `limits` None: it is not the first table of its language.
    """
    lines = [
        f'"""{title}, with their points.\n',
        "The points are weighed by tests/domain/emergencies/weigh_clues.py; the notation is that of domain/emergencies/clues.py.",
        '"""\n\nfrom __future__ import annotations\n',
        "from domain.emergencies.clues import Clues",
    ]
    lines += ["from domain.emergencies.heard import Danger\n"] if any(group.danger for group in groups) else [""]
    if limits is not None:
        longest = weights["<0"]
        lengths = ", ".join(f"({limit}, {round(UNIT * (weights[f'<{limit}'] - longest))})" for limit in limits)
        lines.append("#: Points of every message, and further ones of a message that is shorter than so many characters or English words.")
        lines.append(f"BASE = {round(UNIT * (weights[''] + longest))}\nLENGTHS = ({lengths})")
    lines.append("CLUES = (")
    for index, group in enumerate(groups, begin):
        points = ", ".join(str(round(UNIT * weights[f"{index}.{n}"])) for n in (1, 2, 3))
        danger = f"Danger.{group.danger.name}" if group.danger else "None"
        lines.append(f'    Clues("{group.name}", {danger}, ({points}),')
        own = {word: round(UNIT * weights[f"={word}"]) for word in words_of(group)}
        lines += wrapped([f"{word}{points:+d}" if points else word for word, points in own.items()])
        lines[-1] += "),"
    return "\n".join([*lines, ")  # fmt: skip\n"])


def wrapped(words: list[str]) -> list[str]:
    """Return words as lines of Python text, with `/` between them."""
    lines, line = [], words[0]
    for word in words[1:]:
        if sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in line + word) > WIDTH:
            lines.append(line)
            line = ""
        line += f"/{word}"
    return [f'        "{each}"' for each in [*lines, line]]


def main() -> None:
    """Weigh the tables of both languages and write them."""
    rows = [line.split("\t") for line in (Path(__file__).parent / "seen.tsv").read_text(encoding="utf-8").splitlines()]
    for tables, limits, chinese in (
        ((("chinese_clues", "Chinese clues", chinese_clues.CLUES), ("chinese_ordinary", "Chinese clues to ordinary matters", chinese_ordinary.CLUES)),
         chinese_clues.LENGTHS, True),
        ((("english_clues", "English clues", english_clues.CLUES),), english_clues.LENGTHS, False),
    ):  # fmt: skip
        bounds: list[int] | None = [limit for limit, _ in limits]
        labelled = [(row[3], row[0] == "urgent") for row in rows if is_chinese(row[3]) is chinese]
        weights = weigh([group for _, _, groups in tables for group in groups], bounds or (), labelled, chinese=chinese)
        begin = 0
        for name, title, groups in tables:
            (TABLES / f"{name}.py").write_text(written(title, groups, weights, limits=bounds, begin=begin), encoding="utf-8")
            begin, bounds = begin + len(groups), None


if __name__ == "__main__":
    main()
