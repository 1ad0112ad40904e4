"""Conversations as data: a tuple of steps, answers in a draft that survives restarts.

Knows asking, going back, leaving, and old buttons; must not know any feature. Invariant: one draft a chat; every way out of a dialog
deletes it; an answer to a step that is not the present one asks the present one again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from domain.core.change import Button, Keyboard, RuleError
from domain.core.immutable import immutable
from domain.people.people import Policy, admit
from handlers.core.context import Act, Incoming
from storage.core.drafts import Draft

Answers = dict[str, Any]
CANCEL_WORDS = frozenset({"取消", "算了", "退出", "不报了", "cancel", "/cancel", "stop", "quit"})


@immutable
class Choice:
    """An offered answer: a button with a label (text key) that answers `value`."""

    label: str
    value: str
    params: dict[str, Any] | None = None


@immutable
class Step:
    """One question.

    `ask`: text key; `shown(act, answers)` gives its parameters. `choices(act, answers)`: offered answers. `accept(act, said, answers)`:
    turns what was said (an `Incoming`; a pressed choice has `text` = its value and `verb` = "answer") into the JSON that is kept; raises
    RuleError to ask again; returns `MORE` to keep listening at the same step (after it changed `answers` itself), `AGAIN` to redraw the
    question as well. `when(answers)`: asked at all? `wide`: choices a row. `request`: "location" or "contact" for a reply keyboard.
    `card`: the question is this live card, so that `AGAIN` edits it in place.
    """

    name: str
    ask: str
    accept: Callable[[Act, Incoming, Answers], Awaitable[Any]]
    choices: Callable[[Act, Answers], Awaitable[tuple[Choice, ...]]] | None = None
    shown: Callable[[Act, Answers], Awaitable[dict[str, Any]]] | None = None
    when: Callable[[Answers], bool] = lambda answers: True
    wide: int = 2
    request: str = ""
    card: str = ""


@immutable
class Dialog:
    """A conversation: who may hold it, its steps, and what happens with the answers."""

    name: str
    policy: Policy
    steps: tuple[Step, ...]
    finish: Callable[[Act, Answers], Awaitable[None]]


MORE = object()
AGAIN = object()


async def begin(act: Act, name: str, answers: Answers | None = None) -> None:
    """Start a dialog in the actor's private chat, in place of whatever was unfinished there; steps already answered are not asked."""
    dialog = _dialog(act, name)
    admit(act.actor, dialog.policy)
    draft = Draft(act.incoming.address, name, "", dict(answers or {}), act.at, act.at)
    await _advance(act, dialog, draft)


async def answer(act: Act, said: Incoming) -> bool:
    """Take what was said as the answer to the present step; False when no dialog is open here."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog not in act.dialogs:
        return False
    dialog = _dialog(act, draft.dialog)
    admit(act.actor, dialog.policy)
    step = next((step for step in dialog.steps if step.name == draft.step), None)
    if step is None:
        await _advance(act, dialog, draft)
        return True
    answers = dict(draft.answers)
    try:
        value = await step.accept(act, said, answers)
    except RuleError as rule:
        await act.reply(rule.key, **rule.params)
        await _ask(act, dialog, step, draft)
        return True
    if value is MORE or value is AGAIN:
        draft = replace(draft, answers=answers, updated_at=act.at)
        await act.unit.drafts.put(draft)
        if value is AGAIN:
            await _ask(act, dialog, step, draft, fresh=False)
        return True
    await _advance(act, dialog, replace(draft, answers=answers | {step.name: value}))
    return True


async def press_answer(act: Act) -> None:
    """A pressed choice. An old one asks the present question again, or says that the conversation is over."""
    draft = await act.unit.drafts.find(act.incoming.address)
    dialog_name, step_name, value = (*act.incoming.values, "", "", "")[:3]
    if draft is None or draft.dialog != dialog_name:
        act.toast("dialog.over")
        return
    if draft.step != step_name:
        act.toast("dialog.answered")
        await ask_again(act)
        return
    await answer(act, replace(act.incoming, text=value))


async def press_back(act: Act) -> None:
    """Go back one question."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is None or draft.dialog not in act.dialogs:
        act.toast("dialog.over")
        return
    dialog = _dialog(act, draft.dialog)
    asked = [step.name for step in dialog.steps if step.when(draft.answers) and step.name in draft.answers]
    before = [name for name in asked if _position(dialog, name) < _position(dialog, draft.step)]
    answers = {name: value for name, value in draft.answers.items() if name != (before[-1] if before else "")}
    await _advance(act, dialog, replace(draft, answers=answers))


async def press_cancel(act: Act) -> None:
    """Leave the conversation by its button."""
    await cancel(act)


async def cancel(act: Act) -> None:
    """Leave the open conversation, or say that there is none; works everywhere and always."""
    there_was_one = await act.unit.drafts.drop(act.incoming.address)
    await act.reply("dialog.cancelled" if there_was_one else "dialog.nothing_to_cancel")


async def ask_again(act: Act) -> None:
    """Ask the present question of the open conversation once more."""
    draft = await act.unit.drafts.find(act.incoming.address)
    if draft is not None and draft.dialog in act.dialogs:
        await _advance(act, _dialog(act, draft.dialog), draft)


def _dialog(act: Act, name: str) -> Dialog:
    dialog = act.dialogs[name]
    assert isinstance(dialog, Dialog)
    return dialog


async def _advance(act: Act, dialog: Dialog, draft: Draft) -> None:
    for step in dialog.steps:
        if step.name not in draft.answers and step.when(draft.answers):
            draft = replace(draft, step=step.name, updated_at=act.at)
            await act.unit.drafts.put(draft)
            await _ask(act, dialog, step, draft)
            return
    await act.unit.drafts.drop(draft.address)
    await dialog.finish(act, draft.answers)


async def _ask(act: Act, dialog: Dialog, step: Step, draft: Draft, *, fresh: bool = True) -> None:
    params = await step.shown(act, draft.answers) if step.shown else {}
    choices = await step.choices(act, draft.answers) if step.choices else ()
    offered = [Button(choice.label, "answer", (dialog.name, step.name, choice.value), choice.params or {}) for choice in choices]
    keyboard: Keyboard = tuple(tuple(offered[start : start + step.wide]) for start in range(0, len(offered), step.wide))
    leave: tuple[Button, ...] = (Button("dialog.cancel", "cancel"),)
    if any(each.when(draft.answers) and each.name in draft.answers for each in dialog.steps):
        leave = (Button("dialog.back", "back"), *leave)
    await act.reply(step.ask, buttons=(*keyboard, leave), card=step.card, fresh=fresh, ask=step.request, **params)


def _position(dialog: Dialog, name: str) -> int:
    return next((index for index, step in enumerate(dialog.steps) if step.name == name), len(dialog.steps))
