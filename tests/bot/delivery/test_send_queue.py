"""The order of chats when a message is added to the same chat more than once."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery.send_queue import SendQueue
from domain.core.change import Address, ChatId, Priority
from storage.core.outgoing import Outgoing

KEY = ("telegram", 7)


def outgoing() -> Outgoing:
    """The same message, as each claim returns it."""
    return Outgoing(
        1, Address("telegram", ChatId(7)), None, "zh", 3, "dialog.back", {}, (), "", False, None, "", False, False, None, "", "", "", None, False,
        0, 0, 0,
    )  # fmt: skip


def test_what_comes_again_while_it_is_in_hand_has_one_more_turn_and_is_in_doubt():
    lanes = SendQueue()
    lanes.add(first := outgoing())
    assert lanes.turn() == KEY
    assert lanes.take(KEY) is first
    assert not lanes.in_doubt(first)
    lanes.add(outgoing())
    lanes.add(last := outgoing())
    lanes.put_down(KEY, first)
    assert lanes.turn() == KEY
    assert lanes.take(KEY) is last
    assert lanes.in_doubt(last)
    lanes.put_down(KEY, last)
    assert lanes.turn() is None
    assert len(lanes) == 0
    assert not lanes.in_doubt(last)


def message(number: int, *, card: str = "", new: bool = False, priority: Priority = Priority.ALERT) -> Outgoing:
    return replace(outgoing(), id=number, priority=int(priority), card=card, as_new_message=new, subject="alert:1")


def test_board_of_an_alert_overtakes_the_messages_of_its_chat_but_no_cry_for_help():
    lanes = SendQueue()
    cry = replace(message(4, priority=Priority.SOS), subject="case:1")
    for row in (message(1), message(2), message(3, card="alert:1"), cry, message(5, card="alert:1", new=True)):
        lanes.add(row)
    order = []
    while lanes.turn() is not None:
        row = lanes.take(KEY)
        order.append(row.id)
        lanes.put_down(KEY, row)
    assert order == [4, 3, 1, 2, 5]
