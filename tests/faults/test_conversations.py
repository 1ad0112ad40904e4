"""Random conversations: the bot answers, ends dialogs on request and keeps its promises.

This holds for any words and presses in any order.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import handlers.core.dialogs
import storage.cases.cases
from domain.core.change import ChatId
from handlers.core.context import HandlerContext
from storage.core.drafts import Draft, Drafts
from tests.faults.hostile.machine import Conversations, Played

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.people.people import Person
    from tests.faults.invariant_log import InvariantLog

CALM = settings(
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def machine_in(folder: Path) -> tuple[type[Conversations], Played]:
    """Return a machine that keeps its towns in `folder`, and the counts of its steps."""
    played = Played()
    return type("Played", (Conversations,), {"folder": folder, "played": played}), played


@pytest.mark.timeout(3600)
def test_promises_hold_when_conversations_are_random(tmp_path: Path, invariant_log: InvariantLog) -> None:
    machine, played = machine_in(tmp_path)
    examples, steps = invariant_log.size(small=25, full=300), invariant_log.size(small=40, full=80)
    failed = 1
    try:
        run_state_machine_as_test(machine, settings=settings(CALM, max_examples=examples, stateful_step_count=steps))
        failed = 0
    finally:
        acts = sum(played.acts.values())
        invariant_log.ran("acts in conversations", acts, failed=failed, examples=played.examples, templates=len(played.keys))
    assert acts > examples * steps / 3
    assert len(played.keys) > invariant_log.size(small=45, full=100)


# Mutants of the conversations above -----------------------------------------------------------------------------------


async def lets_nobody_go(act: HandlerContext) -> None:
    """Say that the conversation is over, and keep it."""
    await act.reply("dialog.cancelled")


async def mixes_up_chats(self: Drafts, draft: Draft) -> None:
    """Write everybody's draft into one chat."""
    await PUT(self, replace(draft, address=replace(draft.address, chat_id=ChatId(10_001))))


async def falls_silent(self: HandlerContext, key: str, /, **facts: Any) -> None:
    """Say nothing where nothing was understood."""
    if key != "talk.not_understood":
        await REPLY(self, key, **facts)


def sees_all(actor: Person) -> tuple[str, tuple[Any, ...]]:
    """Let everybody see every case."""
    return "1 = 1", ()


def begins_and_leaves(conversation: Conversations) -> None:
    """Let a villager begin a report and leave it."""
    conversation.says(who=0, words="/report", marked=False)
    conversation.leaves(who=0, word="取消")


PUT, REPLY = Drafts.put, HandlerContext.reply
MUTANTS: dict[str, tuple[Any, str, Any]] = {
    "a conversation cannot be left": (handlers.core.dialogs, "cancel", lets_nobody_go),
    "drafts are written into another chat": (Drafts, "put", mixes_up_chats),
    "what is not understood is not answered": (HandlerContext, "reply", falls_silent),
    "a case is read without the reader's scope": (storage.cases.cases, "scope", sees_all),
}
#: Mutants that random conversations take long to find: a conversation that finds them.
FOUND_BY: dict[str, Callable[[Conversations], None]] = {"a conversation cannot be left": begins_and_leaves}


@pytest.mark.parametrize("bug", MUTANTS)
def test_mutant_is_found(tmp_path: Path, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    """The conversation that found it is tried first; else, or in full size, random ones."""
    monkeypatch.setattr(*MUTANTS[bug])
    machine, played = machine_in(tmp_path)
    plays = [partial(run_state_machine_as_test, machine, settings=settings(CALM, max_examples=100, stateful_step_count=40))]
    if bug in FOUND_BY and not invariant_log.full:
        plays.insert(0, partial(played_by, FOUND_BY[bug], machine))
    found = any(map(breaks, plays))
    invariant_log.mutant(bug, found=found, after=f"{sum(played.acts.values())} acts")
    assert found


def played_by(script: Callable[[Conversations], None], machine: type[Conversations]) -> None:
    """Play one conversation."""
    conversation = machine()
    try:
        conversation.opens()
        script(conversation)
    finally:
        conversation.teardown()


def breaks(play: Callable[[], None]) -> bool:
    """Return whether a promise is broken in these conversations."""
    try:
        play()
    except AssertionError:
        return True
    return False
