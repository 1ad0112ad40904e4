"""Decide which chat's message is sent next; one queue per chat.

Knows urgency, subjects, turns and rests; must not know the network, the rate limits or the database. Invariant: at most one message per
chat is in hand. The chat with the most urgent message has the next turn; after its turn it goes behind all chats that are as urgent.
Among the urgent messages of one chat the first cry of each account comes first, and accounts known for a day come before new ones.
Messages about one subject leave in the order in which they were decided. A slow or closed channel takes no place of another channel.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.timers.clock import monotonic
from domain.core.change import Priority
from domain.core.immutable import replace

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from storage.core.outgoing import Outgoing

#: Chats of a channel that have a message here, and its messages in total: a chat with a long queue and a slow limit must not take the places of others.
CHATS = 400
MOST = 10_000

#: So many urgent messages must wait longer than the next message before they are listed.
GATHER_FROM = 2
#: So many lists in a row before a card leaves again: for cries of known accounts, and of new ones only.
LISTS_OF_KNOWN, LISTS_OF_NEW = 3, 1
#: Cries named by one list: it stays one message. Its rows are accounts, fewer than that.
MOST_LISTED, MOST_ROWS = 2000, 60

ChatKey = tuple[str, int]
#: Priority, which cry of its account, whether the account is new, id.
Entry = tuple[int, int, bool, int]
#: The place of an alert's redrawn card: before every other message of its priority in the chat.
_OVERTAKES = -1


@dataclass(slots=True)
class ChatQueue:
    """The queued messages of one chat, as a heap.

    `busy`: one message is in hand; `paused`: none may leave yet; `cries`: queued messages with a gist, by account; `lists`: sent since the
    last card.
    """

    heap: list[Entry] = field(default_factory=list)
    busy: bool = False
    paused: bool = False
    cries: Counter[int] = field(default_factory=Counter)
    lists: int = 0


class SendQueue:
    """The messages that wait here, by chat.

    * `add(row)`; `room(channel)` is for how many more chats; `least(channel)` is the least urgent priority here; `age(row)` is how long it has
      been here, in seconds. `in_doubt(row)`: it came again while it was in hand, so there may be nothing left to do.
    * `turn(shut)`: the chat that is next, on channels that are not shut. Then either `rest(chat, until)` or `take(chat)`, and at the end
      `put_down(chat, row)`.
    * `waiting_cries(chat, room)`: the messages that the chat's turn should list instead; then `hold(chat)` and `put_list` or `put_down_list`.
    * `wake()` ends the rests that are over; `next_at` is when the next one is. `forget()` drops messages that are not in hand.
    """

    def __init__(self) -> None:
        self._rows: dict[int, Outgoing] = {}
        self._came: dict[int, float] = {}
        self._in_hand: set[int] = set()
        self._doubts: set[int] = set()
        self._lanes: dict[ChatKey, ChatQueue] = {}
        self._ready: dict[str, list[tuple[int, int, ChatKey]]] = {}
        self._chats: Counter[str] = Counter()
        self._messages: Counter[str] = Counter()
        self._resting: list[tuple[float, ChatKey]] = []
        self._turns = itertools.count()

    def __len__(self) -> int:
        """Return how many messages are here, in hand or not."""
        return len(self._rows)

    def room(self, channel: str) -> int:
        """Return the number of a channel's chats for which there is still a place."""
        return CHATS - self._chats[channel] if self._messages[channel] < MOST else 0

    def least(self, channel: str) -> int:
        """The priority of the least urgent message of a channel here; there must be one."""
        return max(row.priority for row in self._rows.values() if row.address.channel == channel)

    @property
    def next_at(self) -> float | None:
        """The time at which the next rest is over; None if no chat rests."""
        return self._resting[0][0] if self._resting else None

    def age(self, row: Outgoing) -> float:
        """Return for how many seconds a message has been here."""
        return monotonic() - self._came[row.id]

    def in_doubt(self, row: Outgoing) -> bool:
        """Tell whether a message was added again while it was in hand."""
        return row.id in self._doubts

    def add(self, row: Outgoing) -> None:
        """Add a message, once."""
        key = (row.address.channel, row.address.chat_id)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = ChatQueue()
            self._chats[key[0]] += 1
        if row.id in self._in_hand:
            self._doubts.add(row.id)
        if row.id not in self._rows or all(entry[3] != row.id for entry in lane.heap):
            heapq.heappush(lane.heap, self._entry(lane, row))
        self._messages[key[0]] += row.id not in self._rows
        self._rows[row.id] = row
        self._came[row.id] = monotonic()
        if not lane.busy and not lane.paused:
            self._line_up(key, lane)

    def turn(self, shut: Container[str] = ()) -> ChatKey | None:
        """Return the chat that has the next turn, on channels that are not shut.

        None if no chat may be sent a message now.
        """
        first = min((ready[0] for channel, ready in self._ready.items() if channel not in shut and self._tidy(ready)), default=None)
        return None if first is None else first[2]

    def _tidy(self, ready: list[tuple[int, int, ChatKey]]) -> bool:
        """Drop outdated entries from the front; tell whether any entry is left."""
        while ready:
            lane = self._lanes.get(ready[0][2])
            if lane is not None and lane.heap and not lane.busy and not lane.paused:
                return True
            heapq.heappop(ready)  # the chat had a second entry, or its message is gone
        return False

    def rest(self, key: ChatKey, until: float) -> None:
        """Let the chat that has the turn rest until an instant, without blocking others."""
        heapq.heappop(self._ready[key[0]])
        self._lanes[key].paused = True
        heapq.heappush(self._resting, (until, key))

    def take(self, key: ChatKey) -> Outgoing:
        """Take the most urgent message of the chat that has the turn.

        An older message about the same subject goes first: "withdrawn" must not be read after "opened again". The board of an alert does not wait
        for them: an edit shows the present state.
        """
        heapq.heappop(self._ready[key[0]])
        lane = self._lanes[key]
        lane.busy = True
        entry = self._unseen(lane) or lane.heap[0]
        lane.heap.remove(entry)
        heapq.heapify(lane.heap)
        row = self._rows[entry[3]]
        ordered = bool(row.subject) and entry[1] != _OVERTAKES
        before = [each for each in lane.heap if each[3] < row.id and self._rows[each[3]].subject == row.subject] if ordered else []
        if before:
            oldest = min(before, key=itemgetter(3))
            lane.heap[lane.heap.index(oldest)] = entry
            heapq.heapify(lane.heap)
            row = self._rows[oldest[3]]
        if row.gist is not None:
            lane.cries[row.gist.account] -= 1
            lane.lists = 0
        self._in_hand.add(row.id)
        return row

    def waiting_cries(self, key: ChatKey, *, room: int) -> list[Outgoing]:
        """Return the urgent messages that the chat's next message should list.

        Empty if the next message is one of its own. `room`: how many messages may leave to this chat at once.
        """
        lane = self._lanes[key]
        if lane.cries.total() < room + GATHER_FROM or self._rows[lane.heap[0][3]].gist is None:
            return []
        found = [row for *_, number in sorted(lane.heap) if (row := self._rows[number]).gist is not None and not row.listed]
        known = any(row.gist is not None and row.gist.known for row in found)
        if len(found) < GATHER_FROM or lane.lists >= (LISTS_OF_KNOWN if known else LISTS_OF_NEW):
            return []
        return _for_one_list(found)

    def hold(self, key: ChatKey) -> None:
        """Keep the chat busy while its list is written; then `put_list` or `put_down_list`."""
        heapq.heappop(self._ready[key[0]])
        self._lanes[key].busy = True

    def put_list(self, key: ChatKey, row: Outgoing, listed: Sequence[Outgoing]) -> None:
        """Take the written list in hand; the messages it names are listed from now on."""
        self._lanes[key].lists += 1
        for each in listed:
            if each.id in self._rows:
                self._rows[each.id] = replace(self._rows[each.id], listed=True)
        self._rows[row.id] = row
        self._came[row.id] = monotonic()
        self._messages[key[0]] += 1
        self._in_hand.add(row.id)

    def put_down_list(self, key: ChatKey) -> None:
        """Go on without a list: it could not be written, or nothing was left to list."""
        lane = self._lanes[key]
        lane.busy = False
        lane.lists = LISTS_OF_KNOWN  # a message of its own comes next
        self._go_on(key, lane)

    def _entry(self, lane: ChatQueue, row: Outgoing) -> Entry:
        if row.gist is None:
            overtakes = row.priority == Priority.ALERT and bool(row.card) and not row.as_new_message
            return row.priority, _OVERTAKES if overtakes else 0, False, row.id
        place = lane.cries[row.gist.account]
        lane.cries[row.gist.account] += 1
        return row.priority, place, not row.gist.known, row.id

    def _unseen(self, lane: ChatQueue) -> Entry | None:
        """Return the one cry that no list has named while the others were listed, or None."""
        if lane.cries.total() < 1 + GATHER_FROM or self._rows[lane.heap[0][3]].gist is None:
            return None
        unseen = [entry for entry in lane.heap if (row := self._rows[entry[3]]).gist is not None and not row.listed]
        return unseen[0] if len(unseen) == 1 else None

    def put_down(self, key: ChatKey, row: Outgoing) -> None:
        """Release a message that was sent or postponed; its chat may have its next turn."""
        self._in_hand.discard(row.id)
        if self._rows.get(row.id) is row:  # it may have been added again already
            del self._rows[row.id], self._came[row.id]
            self._messages[key[0]] -= 1
            self._doubts.discard(row.id)
        lane = self._lanes[key]
        lane.busy = False
        self._go_on(key, lane)

    def wake(self) -> None:
        """Queue every chat whose rest is over."""
        now = monotonic()
        while self._resting and self._resting[0][0] <= now:
            _, key = heapq.heappop(self._resting)
            lane = self._lanes[key]
            lane.paused = False
            self._go_on(key, lane)

    def forget(self) -> None:
        """Drop the messages that are not in hand."""
        self._ready.clear()
        self._resting.clear()
        for key, lane in list(self._lanes.items()):
            for *_, row_id in lane.heap:
                del self._rows[row_id], self._came[row_id]
                self._messages[key[0]] -= 1
                self._doubts.discard(row_id)
            lane.heap.clear()
            lane.cries.clear()
            lane.paused = False
            if not lane.busy:
                self._close(key)

    def _go_on(self, key: ChatKey, lane: ChatQueue) -> None:
        if lane.heap:
            self._line_up(key, lane)
        elif not lane.busy and not lane.paused:
            self._close(key)

    def _close(self, key: ChatKey) -> None:
        del self._lanes[key]
        self._chats[key[0]] -= 1

    def _line_up(self, key: ChatKey, lane: ChatQueue) -> None:
        heapq.heappush(self._ready.setdefault(key[0], []), (lane.heap[0][0], next(self._turns), key))


def _for_one_list(found: Sequence[Outgoing]) -> list[Outgoing]:
    """Return the messages that fit into one list.

    A list has a limited number of accounts, each with all of its messages; known accounts come first.
    """
    accounts: set[int] = set()
    chosen: list[Outgoing] = []
    for row in found[:MOST_LISTED]:
        assert row.gist is not None
        if row.gist.account in accounts or len(accounts) < MOST_ROWS:
            accounts.add(row.gist.account)
            chosen.append(row)
    return sorted(chosen, key=lambda row: (row.gist is not None and not row.gist.known, row.id))
