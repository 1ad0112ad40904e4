"""Record of a run as the server saw it: sends, forgotten updates, and a trace of it all.

Each send has its row and its try. Knows which promise each event is checked against; must not cause anything. Invariant: the trace holds
the events sent, received and committed, and nothing that differs between processes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.faults.simulation.checks import Checks, words_of
from tests.faults.simulation.line import SENDS
from texts import LANGUAGES, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.delivery.wording import Sending
    from sandbox.api.arguments import Arguments
    from sandbox.world.updates import Pending
    from tests.faults.simulation.virtual_clock import VirtualClock

OLD_BUTTON = {plain("refused.old_button", language) for language in LANGUAGES}
#: A killed process has forgotten its messages of the last minute: it may be asked to wait.
PACE_FORGOTTEN_S = 90.0
TABLES = ("seen_inbox", "seen_outbox", "seen_moves", "seen_timers", "seen_told", "outbox", "audit", "cases", "timers")


#: A row's id, the time of its decision, and its words.
Message = tuple[int, int, str]


@dataclass
class Try:
    """One try to send a row.

    `did`: the server took something of it; `told`: and said so; `life`: the run of the process. `message`: its row's id, instant and key,
    which distinguish it from a later message with the same id.
    """

    message: Message
    life: int
    did: bool = False
    told: bool = True


class Record:
    """The record of one run.

    `excused()`: whether the disk explains a delay; `forged`: presses of buttons the bot never made.
    """

    def __init__(self, virtual_clock: VirtualClock, checks: Checks, excused: Callable[[], bool]) -> None:
        self.virtual_clock = virtual_clock
        self.checks = checks
        self.excused = excused
        self.forged: dict[str, int] = {}
        self.lives = 0
        self.begun_at = 0.0
        self.troubled_until = 0.0
        self.brought: dict[str, int] = {}
        self._trace = hashlib.blake2b(digest_size=12)
        self._tries: list[Try] = [Try((0, 0, ""), 0)]
        self._of: dict[Message, list[Try]] = {}

    @property
    def taken(self) -> set[Message]:
        """Return the messages of which the server took something."""
        return {each.message for each in self._tries if each.did}

    def begin_life(self) -> None:
        """Another life of the process begins."""
        self.lives += 1
        self.begun_at = self.virtual_clock.steady

    def trace(self) -> str:
        """Return a digest that identifies this run, with all committed data."""
        for table in TABLES:
            for row in self.checks.rows(f"SELECT * FROM {table} ORDER BY 1"):  # noqa: S608 - names of our own
                self._trace.update(repr(tuple(row)).encode())
        return self._trace.hexdigest()

    def note(self, *facts: object) -> None:
        """Add to the trace."""
        self._trace.update(f"{self.virtual_clock.steady:.6f} {facts}\n".encode())

    def fault(self, words: str) -> None:
        """Something is as it must never be."""
        self.checks.fault(words)

    def trouble(self, seconds: float) -> None:
        """Something is wrong for so long."""
        self.troubled_until = max(self.troubled_until, self.virtual_clock.steady + seconds)

    def begin_try(self, sending: Sending) -> int:
        """Note that a row is about to be sent, and that it may be; return the try's number."""
        message = (sending.row.id, sending.row.created_at, sending.row.key)
        before = self._of.setdefault(message, [])
        for earlier in before:
            if earlier.did and earlier.told and earlier.life == self.lives:
                self.fault(f"I4: outbox row {message[0]} is sent again after the server said yes ({message[2]})")
        this = Try(message, self.lives)
        before.append(this)
        self._tries.append(this)
        return len(self._tries) - 1

    def did(self, method: str, args: Arguments, trying: int, *, told: bool) -> None:
        """The server did a call."""
        words, chat_id = words_of(args), int(args.values.get("chat_id") or 0)
        self.note("did", method, chat_id, words, sorted(args.files))
        if method == "answercallbackquery":
            self._press_answered(args)
        elif method in SENDS and not trying:
            self.fault(f"I4: {method} without an outbox row")
        elif method in SENDS:
            this = self._tries[trying]
            this.did, this.told = True, told
            row = self.checks.rows(
                "SELECT key, card, created_at, state, fault FROM outbox WHERE id = ? AND created_at = ? AND key = ?", *this.message
            )
            if row:
                self._sent(this, dict(row[0]), chat_id, words)
            elif not self.checks.rows("SELECT 1 FROM seen_told WHERE row_id = ?", this.message[0]):
                self.fault(f"I2: {method} of outbox row {this.message[0]}, which was never committed")
        elif trying:  # an old message was changed, or deleted
            self._tries[trying].did, self._tries[trying].told = True, told

    def _sent(self, this: Try, row: dict[str, Any], chat_id: int, words: str) -> None:
        """A message reached somebody: check that it may arrive now and that they may read it."""
        if row["state"] == "sent" and row["fault"] != "forgotten":
            self.fault(f"I4: outbox row {this.message[0]} counted as sent before the server said yes")
        self.checks.shown(chat_id, words, created_at=row["created_at"], key=row["key"])
        if row["key"] == "case.card":
            self.checks.card(chat_id, int(row["card"].removeprefix("case:")), created_at=row["created_at"])
        if not self.excused():
            self.checks.in_order(this.message[0])

    def _press_answered(self, args: Arguments) -> None:
        press_id = args.text("callback_query_id")
        self.checks.answered(press_id)
        for press in self.checks.rows("SELECT user_id, received_at FROM inbox WHERE effect = ?", f"p:{press_id}"):
            self.checks.shown(press["user_id"], args.text("text"), created_at=press["received_at"], key="a toast")
        if press_id in self.forged:
            self.checks.counted["forged"] += 1
            if args.text("text") not in OLD_BUTTON:
                self.fault(f"forged: a button that the bot never made was taken: {args.text('text')!r}")

    def refused(self, method: str, chat_id: int, code: int, *, forced: bool) -> None:
        """The server refused a call because of the pace."""
        if self.lives == 1 or self.virtual_clock.steady > self.begun_at + PACE_FORGOTTEN_S:
            self.fault(f"I8: {method} to {chat_id} came {'while it was asked to wait' if forced else 'faster than the server allows'}")

    def forgets(self, gone: list[Pending]) -> None:
        """Updates are confirmed: they must be committed."""
        effects = [(int(pending.payload["update_id"]), effect_of(pending.payload)) for pending in gone]
        self.checks.kept(effects)
        self.brought |= {effect: update_id for update_id, effect in effects}


def effect_of(update: dict[str, Any]) -> str:
    """Return the identity of an update's effect, as documented: message, press or number."""
    message, press = update.get("message"), update.get("callback_query")
    if isinstance(message, dict) and isinstance(message.get("message_id"), int) and message["message_id"] < 2**62:
        return f"m:{message['chat']['id']}:{message['message_id']}"
    if isinstance(press, dict) and isinstance(press.get("id"), str):
        return f"p:{press['id']}"
    return f"u:{update['update_id']}"
