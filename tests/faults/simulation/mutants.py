"""Mutants: usual mistakes in such a program, each injected for the time of a run.

They show that the simulation would find the mistake. Invariant: outside `injected(name)` production is unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from tests.faults.simulation import mutants_engine as engine
from tests.faults.simulation import mutants_rules as rules
from tests.faults.simulation.mutants_engine import Patches

MUTANTS: Mapping[str, Callable[[], Patches]] = {
    mutant.__name__: mutant
    for mutant in (
        engine.confirmed_too_early,
        engine.answered_too_early,
        engine.newest_id_only,
        engine.polls_no_more,
        engine.toast_of_another,
        engine.dropped_when_throttled,
        engine.sent_too_early,
        engine.time_out_is_yes,
        engine.left_in_dead_hands,
        engine.outcome_forgotten,
        engine.left_in_hand,
        engine.failed_counts_as_done,
        engine.two_in_flight,
        engine.any_pace,
        engine.repeats_are_new,
        engine.waits_for_ever,
        engine.answer_in_the_log,
        engine.toast_unguarded,
        rules.any_village,
        rules.posts_for_ever,
        rules.night_twice,
        rules.words_in_the_log,
        rules.timers_go_on,
        rules.any_tag,
        rules.moved_unseen,
    )
}
#: The promise that each mutant breaks: the beginning of its fault. A mutant without an entry may show in several ways.
FOUND_BY: Mapping[str, str] = {
    "confirmed_too_early": "I2", "answered_too_early": "I2", "newest_id_only": "I2", "polls_no_more": "I1", "toast_of_another": "I7",
    "dropped_when_throttled": "I8", "sent_too_early": "I4", "time_out_is_yes": "I4", "left_in_dead_hands": "I5", "left_in_hand": "I5",
    "failed_counts_as_done": "I3", "two_in_flight": "order", "any_pace": "I8", "repeats_are_new": "I1", "waits_for_ever": "I9",
    "answer_in_the_log": "I7", "any_village": "I7", "posts_for_ever": "I7", "night_twice": "I3", "words_in_the_log": "I7",
    "timers_go_on": "a timer", "any_tag": "forged", "moved_unseen": "I6",
}  # fmt: skip


@contextmanager
def injected(name: str) -> Iterator[None]:
    """Make one mistake while inside; an empty name: none."""
    with ExitStack() as stack:
        for target, attribute, double in MUTANTS[name]() if name else ():
            stack.enter_context(patch.object(target, attribute, double, create=attribute.startswith("_offer_if")))
        yield
