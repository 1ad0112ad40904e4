"""A disk whose power can be cut: writes wait in a cache until they are synced.

A cut keeps a random part of the cache. Knows files and sectors of 512 bytes; must not know SQLite or the town. The model: a file's sync
makes its own bytes safe, the first sync of a new journal or log makes the folder's entries safe too (as SQLite's own vfs for Unix does),
and entries reach the disk in order. Invariant: the same operations and the same dice leave the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

SECTOR = 512
#: Possible fates of a file's unsynced writes at a cut.
WAYS = ("none", "all", "prefix", "torn", "subset", "reordered")


@dataclass(frozen=True, slots=True)
class Op:
    """A request of a process to the disk.

    `kind`: create, delete, write, truncate, sync, folder; `at`: offset, or the new size in bytes.
    """

    kind: str
    name: str = ""
    at: int = 0
    data: bytes = b""


class Disk:
    """A folder as a process sees it, and the log of its requests.

    `deaf`: names of files whose sync is ignored (a mutant).
    """

    def __init__(self, begin: dict[str, bytes], *, deaf: Sequence[str] = ()) -> None:
        self.files = {name: bytearray(content) for name, content in begin.items()}
        self.log: list[Op] = []
        self._deaf = frozenset(deaf)
        self._unsafe: set[str] = set()

    def create(self, name: str, *, with_folder: bool) -> None:
        """Make an empty file; `with_folder`: its first sync makes the folder's entries safe."""
        self.files[name] = bytearray()
        self.log.append(Op("create", name))
        if with_folder:
            self._unsafe.add(name)

    def write(self, name: str, data: bytes, at: int) -> None:
        """Write bytes at an offset."""
        put(self.files[name], data, at)
        self.log.append(Op("write", name, at, data))

    def truncate(self, name: str, size: int) -> None:
        """Cut or lengthen a file to `size` bytes."""
        resize(self.files[name], size)
        self.log.append(Op("truncate", name, size))

    def sync(self, name: str) -> None:
        """Make a file's bytes safe."""
        if name in self._deaf:
            return
        self.log.append(Op("sync", name))
        if name in self._unsafe:
            self._unsafe.discard(name)
            self.log.append(Op("folder"))

    def delete(self, name: str, *, with_folder: bool) -> None:
        """Remove a file; `with_folder`: for good."""
        del self.files[name]
        self._unsafe.discard(name)
        self.log.append(Op("delete", name))
        if with_folder:
            self.log.append(Op("folder"))


def put(content: bytearray, data: bytes, at: int, fill: bytes = b"") -> None:
    """Write into `content` at an offset, filling a gap before it.

    The gap is filled with `fill`, and with zeros where that is too short.
    """
    if at > len(content):
        resize(content, at, fill)
    content[at : at + len(data)] = data


def resize(content: bytearray, size: int, fill: bytes = b"") -> None:
    """Cut or lengthen `content`, filling as `put` does."""
    gap = size - len(content)
    if gap < 0:
        del content[size:]
    else:
        content += (fill[:gap]).ljust(gap, b"\0")


@dataclass(slots=True)
class Inode:
    """A file on the platter: its safe bytes, and the operations since its last sync."""

    safe: bytearray
    waiting: list[Op] = field(default_factory=list)

    def sync(self) -> None:
        """Make the pending operations safe."""
        for op in self.waiting:
            _apply(self.safe, op)
        self.waiting.clear()


class Platter:
    """The platter while a log runs over it.

    `advance(ops)`, then `cut(dice)` any number of times; a cut changes nothing here.
    """

    def __init__(self, begin: dict[str, bytes]) -> None:
        self._safe = {name: Inode(bytearray(content)) for name, content in begin.items()}
        self._seen = dict(self._safe)
        self._entries: list[tuple[str, Inode | None]] = []

    def advance(self, ops: Sequence[Op]) -> None:
        """Let operations pass."""
        for op in ops:
            match op.kind:
                case "create":
                    self._seen[op.name] = Inode(bytearray())
                    self._entries.append((op.name, self._seen[op.name]))
                case "delete":
                    del self._seen[op.name]
                    self._entries.append((op.name, None))
                case "folder":
                    self._safe, self._entries = dict(self._seen), []
                case "sync":
                    self._seen[op.name].sync()
                case _:
                    self._seen[op.name].waiting.append(op)

    def cut(self, dice: random.Random) -> tuple[dict[str, bytes], str]:
        """Return (bytes of each file that still exists, fate of its writes) after a cut here."""
        kept = dict(self._safe)
        for name, inode in self._entries[: _some(len(self._entries), dice)]:
            kept.pop(name, None) if inode is None else kept.__setitem__(name, inode)
        one_way = dice.choice(WAYS) if dice.random() < 0.5 else ""
        found: dict[str, bytes] = {}
        ways: list[str] = []
        for name in sorted(kept):
            inode = kept[name]
            way = one_way or dice.choice(WAYS)
            found[name] = survivor(inode, way, dice) if inode.waiting else bytes(inode.safe)
            ways.append(f"{name}: {len(inode.waiting)} writes {way}" if inode.waiting else f"{name}: safe")
        return found, "; ".join(ways) or "no file"


def _some(count: int, dice: random.Random) -> int:
    """Return how many of `count` are kept: none, all, or any number, each as likely."""
    return dice.choice((0, count, dice.randint(0, count)))


def survivor(inode: Inode, way: str, dice: random.Random) -> bytes:
    """Return the bytes of a file after a cut.

    Sectors that were never written hold zeros, or, on half of the disks, old data.
    """
    content = bytearray(inode.safe)
    rubbish = dice.random() < 0.5
    for op in chosen(inode.waiting, way, dice):
        _apply(content, op, dice.randbytes(SECTOR * 16) if rubbish and op.at > len(content) else b"")
    grown = max((op.at + len(op.data) for op in inode.waiting if op.kind == "write"), default=0)
    if way in ("subset", "reordered") and grown > len(content) and dice.random() < 0.3:
        resize(
            content, grown, dice.randbytes(min(grown - len(content), SECTOR * 16)) if rubbish else b""
        )  # its new size arrived, its bytes did not
    return bytes(content)


def chosen(waiting: Sequence[Op], way: str, dice: random.Random) -> list[Op]:
    """Return the operations that reach the platter, in the order in which they apply.

    `torn`: the operation after a prefix, in part. `reordered`: each sector holds any one of its writes, independent of its neighbours.
    """
    match way:
        case "none":
            return []
        case "all":
            return list(waiting)
        case "prefix":
            return list(waiting[: dice.randint(0, len(waiting))])
        case "torn":
            whole = dice.randrange(len(waiting))
            return [*waiting[:whole], *(piece for piece in pieces(waiting[whole : whole + 1]) if dice.random() < 0.5)]
        case "subset":
            share = dice.random()
            return [op for op in waiting if dice.random() < share]
    cut_at: dict[int, int] = {}
    split = pieces(waiting)
    return [
        op
        for place, op in enumerate(split)
        if place < cut_at.setdefault(op.at // SECTOR if op.kind == "write" else -1, dice.randint(0, len(split)))
    ]


def pieces(ops: Sequence[Op]) -> list[Op]:
    """Split writes at the sectors' borders."""
    found: list[Op] = []
    for op in ops:
        at = 0
        while op.kind == "write" and at < len(op.data):
            length = min(len(op.data) - at, SECTOR - (op.at + at) % SECTOR)
            found.append(Op("write", op.name, op.at + at, op.data[at : at + length]))
            at += length
        if op.kind != "write":
            found.append(op)
    return found


def _apply(content: bytearray, op: Op, fill: bytes = b"") -> None:
    if op.kind == "write":
        put(content, op.data, op.at, fill)
    else:
        resize(content, op.at, fill)
