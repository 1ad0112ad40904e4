"""A broadcast's life: every state and verb, the preview, and the counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, Progress, State, Verb
from domain.core.change import PersonId, RuleError, StationId, VillageId
from texts import render

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
DRAFT = Broadcast(7, "tip", StationId(1), PersonId(2), "tip.sent", {}, Audience.GROUPS, (VillageId(3),), State.DRAFT)


def do(broadcast: Broadcast, verb: Verb) -> rules.Change:
    if verb is Verb.CHANGE:
        return rules.change(broadcast, PersonId(2), at=AT, audience=Audience.BOTH)
    if verb is Verb.CONFIRM:
        return rules.confirm(broadcast, PersonId(2), at=AT, version=1, total=42)
    return rules.simple(broadcast, verb, PersonId(2), at=AT)


@pytest.mark.parametrize(("state", "verb"), list(product(State, Verb)))
def test_every_state_decides_every_verb(state: State, verb: Verb):
    broadcast = replace(DRAFT, state=state)
    after = rules.MOVES.get((state, verb))
    if after is None:
        with pytest.raises(RuleError) as refused:
            do(broadcast, verb)
        assert refused.value.key == f"broadcast.is.{state}"
        assert render(refused.value.key, "zh")
    else:
        decided = do(broadcast, verb)
        assert decided.value.state is after
        assert (decided.event.subject, decided.event.action) == ("broadcast:7", f"broadcast.{verb}")


def test_what_was_given_up_or_stopped_never_leaves_afterwards():
    for state in (State.STOPPED, State.DISCARDED):
        assert not [verb for verb in Verb if (state, verb) in rules.MOVES]


def test_nothing_is_sent_on_the_strength_of_an_old_preview():
    with pytest.raises(RuleError, match="changed"):
        rules.confirm(replace(DRAFT, version=2), PersonId(2), at=AT, version=1, total=42)


def test_nothing_is_sent_to_nobody():
    with pytest.raises(RuleError, match="nobody"):
        rules.confirm(DRAFT, PersonId(2), at=AT, version=1, total=0)


def test_the_progress_of_thirty_one_of_forty_two():
    now = rules.progress({"sent": 31, "failed": 1, "waiting": 10}, total=42)
    assert now == Progress(42, 31, 1, 0, 10)
    assert now.bar == "▓▓▓▓▓▓▓░░░"
    assert rules.seconds_left(now, settled_before=29, elapsed=timedelta(seconds=6)) == 20


@given(
    st.dictionaries(st.sampled_from(["sent", "failed", "expired", "unknown", "waiting", "superseded"]), st.integers(0, 9999)),
    st.integers(0, 9999),
)
def test_the_bar_is_full_only_at_the_end(counts: dict[str, int], total: int):
    now = rules.progress(counts, total=total)
    assert len(now.bar) == 10
    if now.settled < now.total:
        assert now.bar.endswith("░")
        assert rules.seconds_left(now, settled_before=0, elapsed=timedelta(seconds=3)) >= 5
