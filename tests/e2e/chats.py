"""Chat transcripts: the sandbox's events, sorted by chat, as lines of a play.

Knows how a message looks to a person; must not know what the bot is for. Invariant: everything that becomes visible adds a line, in order, and no
line changes. `Chat.shows` has the current state of each message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world.world import World

HERE = ZoneInfo("Asia/Shanghai")
MEDIA = {"photo": "照片", "voice": "语音", "document": "文件", "video": "视频", "location": "位置", "contact": "名片", "poll": "投票"}


@dataclass(frozen=True, slots=True)
class Line:
    """A visible event of a chat.

    `how`: said, edited, deleted, toast, pressed, went (a stage direction).
    """

    at: float
    how: str
    who: str
    text: str
    buttons: tuple[str, ...] = ()
    message_id: int = 0
    by_bot: bool = False

    def __str__(self) -> str:
        """Return the line as it appears in a play."""
        when = datetime.fromtimestamp(self.at, UTC).astimezone(HERE).strftime("%m-%d %H:%M")
        words = self.text.replace("\n", "\n             | ")
        if self.how in ("pressed", "went"):
            return f"{when}  ({self.who} {words})"
        mark = {"edited": "（改成）", "toast": "（弹出）", "deleted": "（删掉）"}.get(self.how, "")
        row = "  " + " ".join(f"[{label}]" for label in self.buttons) if self.buttons else ""
        return f"{when}  {self.who}: {mark}{words}{row}"


@dataclass(frozen=True, slots=True)
class Key:
    """An inline button as it was under a message at one moment."""

    chat_id: int
    message_id: int
    label: str
    data: str
    url: str = ""


@dataclass
class Chat:
    """A chat: its lines so far and its current messages.

    `shows`: id → Message as it is now, the last changed one at the end.
    """

    id: int
    lines: list[Line] = field(default_factory=list)
    shows: dict[int, dict[str, Any]] = field(default_factory=dict)

    def buttons(self) -> Iterable[tuple[str, Key]]:
        """Yield (text of the message, button) of every inline button that is shown now.

        The last changed message comes first.
        """
        for message in reversed(self.shows.values()):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    key = Key(self.id, message["message_id"], button["text"], button.get("callback_data", ""), button.get("url", ""))
                    yield words_of(message), key

    def by_bot(self, start: int = 0) -> list[Line]:
        """Return the bot's messages, edits and toasts from line `start` on."""
        return [line for line in self.lines[start:] if line.by_bot]

    def play(self, mark: int = -1, *, start: int = 0) -> str:
        """Return the lines from `start` on as a play; `▶` marks new lines, from `mark` on."""
        shown = [f"  ({start} lines before)"] if start else []
        for place, line in enumerate(self.lines[start:], start):
            if place == mark:
                shown.append("▶ new since the last look:")
            shown.append(f"  {line}")
        if mark >= len(self.lines):
            shown.append("▶ nothing new since the last look")
        return "\n".join(shown)


def words_of(message: dict[str, Any]) -> str:
    """Return a message's text or caption, with a sign for each other content."""
    signs = [f"〔{name}〕" for kind, name in MEDIA.items() if kind in message]
    return " ".join([*signs, message.get("text", message.get("caption", ""))]).strip()


def labels_of(message: dict[str, Any]) -> tuple[str, ...]:
    """Return the labels of a message's inline or reply keyboard."""
    markup = message.get("reply_markup", {})
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    return tuple(button["text"] if isinstance(button, dict) else str(button) for row in rows for button in row)


class Chats:
    """All chats of one or more worlds: `catch_up()` reads the new events; `of(id)` is one chat."""

    def __init__(self, *worlds: World) -> None:
        self._world = worlds[0]
        self._read = {world: world.events.last for world in worlds}
        self._chats: dict[int, Chat] = {}
        self.toasts: dict[str, str] = {}

    def of(self, chat_id: int) -> Chat:
        """Return the chat, up to this moment."""
        self.catch_up()
        return self._chats.setdefault(chat_id, Chat(chat_id))

    def all(self) -> list[Chat]:
        """Return every chat with events."""
        self.catch_up()
        return list(self._chats.values())

    def direct(self, chat_id: int, who: str, what: str, how: str = "went") -> None:
        """Add a line for a person's action that is not a message."""
        self.of(chat_id).lines.append(Line(self._world.clock.now(), how, who, what))

    def catch_up(self) -> None:
        """Read the events since the last call."""
        events = [(event["at"], world, event) for world, read in self._read.items() for event in world.events.after(read)]
        for _, world, event in sorted(events, key=lambda each: each[0]):
            self._read[world] = event["seq"]
            match event["kind"]:
                case "message" | "edited":
                    self._message(event, world)
                case "deleted":
                    self._deleted(event)
                case "callback_answered":
                    self._toast(event)

    def _chat(self, chat_id: int) -> Chat:
        return self._chats.setdefault(chat_id, Chat(chat_id))

    def _message(self, event: dict[str, Any], world: World) -> None:
        message, chat = event["message"], self._chat(event["chat_id"])
        by_bot = message["from"]["id"] == world.bot["id"]
        how = "said" if event["kind"] == "message" else "edited"
        chat.shows.pop(message["message_id"], None)
        chat.shows[message["message_id"]] = message
        who = "同心" if by_bot else message["from"]["first_name"]
        line = Line(event["at"], how, who, words_of(message), labels_of(message), message["message_id"], by_bot)
        chat.lines.append(line)

    def _deleted(self, event: dict[str, Any]) -> None:
        chat = self._chat(event["chat_id"])
        for message_id in event["message_ids"]:
            chat.shows.pop(message_id, None)
            chat.lines.append(Line(event["at"], "deleted", "同心", "", (), message_id))

    def _toast(self, event: dict[str, Any]) -> None:
        self.toasts[event["callback_query_id"]] = event["text"] or ""
        if event["text"]:
            self._chat(event["user_id"]).lines.append(Line(event["at"], "toast", "同心", event["text"], by_bot=True))
