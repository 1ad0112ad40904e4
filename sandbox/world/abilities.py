"""Abilities of a server that is not Telegram: the object `can` of getMe, enforced.

Missing words have Telegram's values. Knows calls and their arguments; must not know worlds. A repeat by `request_id` is known here, where the
server says `idempotent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sandbox.core.entities import CAPTION_UNITS, TEXT_UNITS, units
from sandbox.core.errors import bad_request, too_many

if TYPE_CHECKING:
    from sandbox.core.wire import Json

MEDIA = {"sendphoto": "photo", "sendvoice": "voice", "senddocument": "document", "sendmediagroup": "photo"}
EDITS = ("editmessagetext", "editmessagecaption", "editmessagemedia", "editmessagereplymarkup")
REQUEST_ID_CHARS = 256
KEPT = 50_000


class Arguments(Protocol):
    """The arguments of a call, as `sandbox/api/arguments.py` reads them."""

    def has(self, name: str) -> bool:
        """Return whether it was given."""

    def text(self, name: str) -> str:
        """Return it as text."""

    def integer(self, name: str) -> int:
        """Return it as a whole number."""

    def mapping(self, name: str) -> Json | None:
        """Return it as an object; None when it was not given."""


class Abilities:
    """The abilities of one world.

    `refuse(name, args)` a call beyond `can`; `known(name, args)` and `keep(name, args, answer)` for repeats; `said` is for getMe.
    """

    def __init__(self, can: Json | None = None) -> None:
        """Telegram, if it says nothing."""
        self.said = can
        self._can: Json = can or {}
        self._answers: dict[str, bytes] = {}
        self._drawn_at: dict[int, float] = {}

    def _of(self, part: str, name: str, usual: Any) -> Any:
        return self._can.get(part, {}).get(name, usual)

    def length(self, text: str) -> int:
        """Measure a text in this channel's unit."""
        match self._of("text", "unit", "utf16"):
            case "bytes":
                return len(text.encode())
            case "chars":
                return len(text)
        return units(text)

    @property
    def longest_text(self) -> int:
        """The length of a message."""
        return int(self._of("text", "most", TEXT_UNITS))

    @property
    def longest_caption(self) -> int:
        """The length of the words beside a picture."""
        return int(self._of("text", "caption", CAPTION_UNITS))

    def refuse(self, name: str, args: Arguments, *, now: float) -> None:
        """Raise what this channel answers to a call that it cannot do. `now`: monotonic seconds."""
        if not self._can:
            return
        if name in EDITS:
            self._refuse_edit(args, now)
        if args.has("parse_mode") and self._of("text", "markup", "html") == "plain":
            raise bad_request("unsupported parse_mode")
        if name in MEDIA and MEDIA[name] not in self._can.get("media_out", MEDIA.values()):
            raise bad_request("this kind of media is not part of the channel")
        if name == "sendlocation" and not self._can.get("location_out", True):
            raise bad_request("locations are not part of the channel")
        markup = args.mapping("reply_markup") or {}
        for row in markup.get("inline_keyboard", ()):
            self._refuse_row(row)
        for button in (button for row in markup.get("keyboard", ()) for button in row if isinstance(button, dict)):
            if any(button.get(f"request_{what}") and not self._can.get(f"{what}_in", True) for what in ("contact", "location")):
                raise bad_request("this kind of request is not part of the channel")

    def _refuse_edit(self, args: Arguments, now: float) -> None:
        if self._of("edits", "kind", "always") == "never":
            raise bad_request("message can't be edited")
        chat_id, redraw_s = args.integer("chat_id"), float(self._of("edits", "redraw_s", 0))
        wait = self._drawn_at.get(chat_id, -redraw_s) + redraw_s - now
        if wait > 0.01:
            raise too_many(max(1, round(wait)))
        self._drawn_at[chat_id] = now

    def _refuse_row(self, row: Any) -> None:
        kind = self._of("buttons", "kind", "callback")
        if kind == "none" or (kind == "link" and any("callback_data" in button for button in row)):
            raise bad_request("BUTTON_TYPE_INVALID")
        if len(row) > self._of("buttons", "per_row", 8):
            raise bad_request("REPLY_MARKUP_TOO_LONG")
        if any(len(str(button.get("text", ""))) > self._of("buttons", "label", 64) for button in row):
            raise bad_request("BUTTON_TEXT_TOO_LONG")

    def known(self, name: str, args: Arguments) -> bytes | None:
        """Return the earlier answer to a send with this `request_id`.

        None: it is new, or this server does not recognise repeats.
        """
        if not self._knows_repeats(name, args):
            return None
        request_id = args.text("request_id")
        if len(request_id) > REQUEST_ID_CHARS:
            raise bad_request("request_id is too long")
        return self._answers.get(request_id)

    def keep(self, name: str, args: Arguments, answer: bytes) -> None:
        """Remember what a send was answered."""
        if self._knows_repeats(name, args):
            self._answers[args.text("request_id")] = answer
            if len(self._answers) > KEPT:
                del self._answers[next(iter(self._answers))]

    def _knows_repeats(self, name: str, args: Arguments) -> bool:
        return bool(self._can.get("idempotent")) and name.startswith("send") and args.has("request_id")
