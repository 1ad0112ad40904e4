"""Quizzes of three questions after a training: topics, right answers, marks.

Knows which answer is right; the words are texts. Invariant: a question is answered once; a mark says how many were right, and nothing else.
"""

from __future__ import annotations

from domain.core.change import RuleError

#: Topic → the right choice of each question (0, 1 or 2): `training.quiz.<topic>.<question>.<choice>`.
RIGHT: dict[str, tuple[int, int, int]] = {"fire": (1, 0, 2), "fraud": (2, 1, 0), "aid": (0, 2, 1), "storm": (1, 2, 0)}
QUESTIONS = 3
CHOICES = 3
#: Right answers that pass.
PASSES = 2


def answer(topic: str, given: str, *, question: int, choice: int) -> str:
    """Return the answers with one more; `given` has a digit per answered question.

    Raises:
        RuleError: `training.quiz.answered` for a question that was answered before, `refused.old_button` for one that does not exist.
    """
    if topic not in RIGHT or not 0 <= question < QUESTIONS or not 0 <= choice < CHOICES or question > len(given):
        raise RuleError("refused.old_button")
    if question < len(given):
        raise RuleError("training.quiz.answered")
    return f"{given}{choice}"


def right(topic: str, given: str) -> int:
    """Return how many answers are right."""
    return sum(int(digit) == choice for digit, choice in zip(given, RIGHT.get(topic, ()), strict=False))


def is_over(given: str) -> bool:
    """Tell whether all questions are answered."""
    return len(given) >= QUESTIONS


def passed(topic: str, given: str) -> bool:
    """Tell whether enough answers are right."""
    return is_over(given) and right(topic, given) >= PASSES
