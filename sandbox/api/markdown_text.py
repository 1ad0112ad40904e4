"""Parses Telegram's Markdown: MarkdownV2 with its reserved characters, and legacy Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.entities import units
from sandbox.core.errors import ApiError, bad_request

if TYPE_CHECKING:
    from sandbox.core.wire import Json

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler", "`": "code", "```": "pre", "[": "text_link"}
SHOWN = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
}


def _refused(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    """Return plain text and entities. Raise 400 `can't parse entities: …`."""
    return _Reader(source).read()


class _Reader:
    """One pass over the source. `stack`: (mark, UTF-16 offset, byte offset) of open entities."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.stack: list[tuple[str, int, int]] = []
        self.entities: list[Json] = []
        self.quote: int | None = None

    def read(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            self._step()
        if self.stack:
            mark, _, byte = self.stack[-1]
            raise _refused(f"Can't find end of {SHOWN[MARKS[mark]]} entity at byte offset {byte}")
        self._end_quote()
        return "".join(self.pieces), self.entities

    def _byte(self) -> int:
        return len(self.source[: self.at].encode("utf-8", "surrogatepass"))

    def _plain(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += units(text)

    def _step(self) -> None:
        source, at = self.source, self.at
        char = source[at]
        open_mark = self.stack[-1][0] if self.stack else ""
        if char == "\\" and at + 1 < len(source) and 0 < ord(source[at + 1]) <= 126:
            self._plain(source[at + 1])
            self.at += 2
        elif open_mark in ("`", "```"):
            self._inside_code(open_mark, char)
        elif char == ">" and not self.stack and (at == 0 or source[at - 1] == "\n"):
            self.quote = self.offset if self.quote is None else self.quote
            self.at += 1
        elif char not in RESERVED:
            self._plain(char)
            self.at += 1
            if char == "\n" and self.quote is not None and not source.startswith(">", self.at):
                self._end_quote()
        else:
            self._mark(open_mark)

    def _inside_code(self, mark: str, char: str) -> None:
        if self.source.startswith(mark, self.at):
            self.at += len(mark)
            self._close()
        else:
            self._plain(char)
            self.at += 1

    def _mark(self, open_mark: str) -> None:
        mark = next((each for each in ("```", "__", "||", "*", "_", "~", "`", "[") if self.source.startswith(each, self.at)), "")
        if open_mark == "[" and self.source[self.at] == "]":
            self._close_link()
        elif not mark:
            raise _refused(f"Character '{self.source[self.at]}' is reserved and must be escaped with the preceding '\\'")
        elif mark == open_mark:
            self.at += len(mark)
            self._close()
        else:
            self.stack.append((mark, self.offset, self._byte()))
            self.at += len(mark)
            if mark == "```":
                self._skip_language()

    def _skip_language(self) -> None:
        end = self.at
        while end < len(self.source) and not self.source[end].isspace() and self.source[end] != "`":
            end += 1
        if end < len(self.source) and self.source[end] == "\n":
            self.at = end + 1

    def _close(self, **extra: str) -> None:
        mark, start, _ = self.stack.pop()
        if self.offset > start:
            self.entities.append({"type": MARKS[mark], "offset": start, "length": self.offset - start, **extra})

    def _close_link(self) -> None:
        self.at += 1
        if not self.source.startswith("(", self.at):
            self._close(url="".join(self.pieces))
            return
        end = self.source.find(")", self.at)
        if end < 0:
            raise _refused(f"Can't find end of a URL at byte offset {self._byte()}")
        url = self.source[self.at + 1 : end].replace("\\", "")
        self.at = end + 1
        self._close(url=url)

    def _end_quote(self) -> None:
        if self.quote is not None and self.offset > self.quote:
            self.entities.append({"type": "blockquote", "offset": self.quote, "length": self.offset - self.quote})
        self.quote = None


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    r"""Parse legacy Markdown: no nesting, `\\` only before `_ * [` and a backquote."""
    pieces: list[str] = []
    entities: list[Json] = []
    offset = at = 0
    while at < len(source):
        char = source[at]
        if char == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            pieces.append(source[at + 1])
            offset += 1
            at += 2
            continue
        if char not in "_*`[":
            pieces.append(char)
            offset += units(char)
            at += 1
            continue
        mark = "```" if source.startswith("```", at) else char
        closing = "]" if mark == "[" else mark
        end = source.find(closing, at + len(mark))
        if end < 0:
            byte = len(source[:at].encode("utf-8", "surrogatepass"))
            raise _refused(f"Can't find end of the entity starting at byte offset {byte}")
        inner = source[at + len(mark) : end]
        at = end + len(closing)
        entity: Json = {"type": MARKS[mark], "offset": offset, "length": units(inner)}
        if mark == "[":
            close = source.find(")", at) if source.startswith("(", at) else -1
            if close > 0:
                entity["url"] = source[at + 1 : close]
                at = close + 1
        pieces.append(inner)
        offset += entity["length"]
        if entity["length"] and (mark != "[" or "url" in entity):
            entities.append(entity)
    return "".join(pieces), entities
