"""Actions of people in a story, and the updates that result from them.

Knows the shape of an update and how to find a button by its label; must not know kills. A step that needs something from the database (the
button with this label, the code in this message) is looked up once, in the run without a kill, and is the same in every other run.
"""

from __future__ import annotations

import html
import json
import re
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.telegram.buttons import Signer
from texts import plain, render

GROUP = -100_200_300
BOT = {"id": 77, "is_bot": True, "first_name": "同心", "username": "tongxin_bot"}
CODE = re.compile(r"start=i([0-9A-Z]{8})")
#: Most updates of one step.
WIDTH = 20


class NotThere(LookupError):
    """A button or a word that the story counts on is not there."""


@dataclass(frozen=True)
class Say:
    """Somebody says something.

    `more`: further fields of the message (location, contact, photo). `code_of`: the person whose last message holds the code.
    """

    who: int
    text: str = ""
    chat: int = 0
    more: dict[str, Any] = field(default_factory=dict)
    code_of: int = 0


@dataclass(frozen=True)
class Press:
    """Somebody presses the newest button with this label.

    With `verb`: a button that is older than the ones in the chat.
    """

    who: int
    label: str = ""
    verb: str = ""
    args: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Joins:
    """Somebody takes the bot into a group, or puts it out."""

    who: int
    status: str = "member"


@dataclass(frozen=True)
class Wait:
    """Time passes, timer by timer."""

    span: timedelta


@dataclass(frozen=True)
class Bar:
    """From now on the server refuses messages to a chat.

    `how`: the kind of refusal; empty: it refuses no longer.
    """

    chat: int
    how: str = "blocked"


@dataclass(frozen=True)
class Import:
    """The operator brings the directory up to date with this roster."""

    roster: str


@dataclass(frozen=True)
class Together:
    """Several people act at the same moment: one poll, one commit.

    `backwards`: the server hands out the newest update first.
    """

    steps: tuple[Say | Press, ...]
    backwards: bool = False


@dataclass(frozen=True)
class Saw:
    """In the run without a kill, a message to somebody holds these words.

    This proves that the story is the intended one.
    """

    who: int
    words: str


Step = Say | Press | Joins | Wait | Bar | Import | Together | Saw


@dataclass(frozen=True)
class Move:
    """A step with everything looked up: updates, end of the wait, refused chats."""

    updates: tuple[dict[str, Any], ...] = ()
    until: datetime | None = None
    refused: tuple[tuple[int, str], ...] = ()
    roster: str = ""


class Phones:
    """Messages read straight from the database, and updates that phones send.

    `lenient`: a missing button is not pressed.
    """

    def __init__(self, raw: sqlite3.Connection, names: dict[int, str], *, lenient: bool = False) -> None:
        self._raw = raw
        self._names = names
        self._lenient = lenient
        self._signer: Signer | None = None

    def move(self, step: Step, before: Move, *, index: int, at: datetime, signer: Signer) -> Move:
        """Return the move of a step in the present state.

        Raises:
            NotThere: a button, a code or a word that the step needs is missing.
        """
        self._signer = signer
        match step:
            case Wait():
                return Move(until=at + step.span, refused=before.refused)
            case Bar():
                return Move(refused=tuple((dict(before.refused) | {step.chat: step.how}).items()))
            case Import():
                return Move(roster=step.roster, refused=before.refused)
            case Saw():
                if not self._lenient and not any(step.words in text for text in self._texts(step.who)):
                    raise NotThere(f"{step.who} was not told {step.words!r} but {self._texts(step.who)[-3:]}")
                return Move(refused=before.refused)
            case Together():
                updates = [update for place, each in enumerate(step.steps) for update in self._update(each, index * WIDTH + place, at)]
                return Move(tuple(reversed(updates)) if step.backwards else tuple(updates), refused=before.refused)
            case _:
                return Move(tuple(self._update(step, index * WIDTH, at)), refused=before.refused)

    def _update(self, step: Say | Press | Joins, number: int, at: datetime) -> list[dict[str, Any]]:
        try:
            return [{"update_id": 1000 + number} | self._content(step, 1000 + number, int(at.timestamp()))]
        except NotThere:
            if self._lenient:
                return []
            raise

    def _content(self, step: Say | Press | Joins, number: int, date: int) -> dict[str, Any]:
        user = {"id": step.who, "is_bot": False, "first_name": self._names.get(step.who, "路人"), "language_code": "zh-hans"}
        private = {"id": step.who, "type": "private", "first_name": user["first_name"]}
        group = {"id": GROUP, "type": "supergroup", "title": "上徐村群"}
        match step:
            case Say():
                text = step.text.replace("{code}", self._code(step.code_of)) if step.code_of else step.text
                words = {"text": text} if text else {}
                chat = group if step.chat else private
                return {"message": {"message_id": number, "date": date, "chat": chat, "from": user} | words | step.more}
            case Press():
                assert self._signer is not None
                verb, args = (step.verb, step.args) if step.verb else self._button(step.who, step.label)
                shown = {"message_id": 5, "date": date, "chat": private, "from": BOT, "text": "…"}
                data = self._signer.write(verb, args, chat_id=step.who)
                return {"callback_query": {"id": f"p{number}", "from": user, "message": shown, "chat_instance": "1", "data": data}}
            case Joins():
                old, new = ("left", "member") if step.status == "member" else ("member", "left")
                states = {"old_chat_member": {"user": BOT, "status": old}, "new_chat_member": {"user": BOT, "status": new}}
                return {"my_chat_member": {"chat": group, "from": user, "date": date} | states}

    def _rows(self, chat: int) -> list[sqlite3.Row]:
        return self._raw.execute("SELECT * FROM outbox WHERE chat_id = ? ORDER BY id", (chat,)).fetchall()

    def _texts(self, chat: int) -> list[str]:
        return [html.unescape(render(row["key"], row["language"], **json.loads(row["params"]))) for row in self._rows(chat)]

    def _code(self, chat: int) -> str:
        found = [code[1] for text in self._texts(chat) for code in CODE.finditer(text)]
        if not found:
            raise NotThere(f"{chat} was shown no code")
        return found[-1]

    def _button(self, chat: int, label: str) -> tuple[str, tuple[str | int, ...]]:
        seen = []
        for row in reversed(self._rows(chat)):
            for line in json.loads(row["buttons"] or "[]"):
                for key, verb, args, params, _ in line:
                    shown = plain(key, row["language"], **params)
                    seen.append(shown)
                    if label in shown:
                        return verb, tuple(args)
        raise NotThere(f"{chat} has no button {label!r}, but {seen[:12]}")
