"""Keep ID numbers and private telephone numbers out of what many people read.

Knows which messages many people read: those to a group, and those that may be forwarded or are broadcast, unless they are their receiver's
own. Must not know any feature. Invariants: `HandlerContext.notify` passes every message through `checked`; a person is refused, with the
numbers; the clock, which nobody answers, sends the message with the numbers blanked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Priority, RuleError
from domain.core.immutable import replace
from domain.core.private_numbers import Found, blank, find_private, replaced, strings_in
from texts import Joined, Text

if TYPE_CHECKING:
    from collections.abc import Collection

    from domain.core.change import Notice
    from storage.core.registry import Registry

#: The longest words that a refusal gives back.
GIVEN_BACK = 1200


def checked(notice: Notice, registry: Registry, *, public: Collection[str], by_clock: bool) -> Notice:
    """Return a message as it may leave.

    Raises:
        RuleError: `refused.private_number`: many people would read one, and a person is sending it.
    """
    if not is_for_many(notice, registry):
        return notice
    found = [each for words in strings_in(notice.params) for each in find_private(words, public=public)]
    if not found:
        return notice
    if not by_clock:
        raise _refusal(found)
    return replace(notice, params=replaced(notice.params, lambda words: blank(words, find_private(words, public=public))))


def is_for_many(notice: Notice, registry: Registry) -> bool:
    """Tell whether many people may read a message."""
    address = notice.to.address
    if address is not None and address.chat_id < 0:
        return True
    return (notice.forwardable or notice.priority is Priority.BROADCAST) and not registry.is_own(notice.about)


def for_many(words: str, *, public: Collection[str]) -> str:
    """Return words that somebody typed for many people.

    Raises:
        RuleError: `refused.private_number`, with the words to copy, without the numbers.
    """
    found = find_private(words, public=public)
    if found:
        raise _refusal(found, blank(words, found))
    return words


def _refusal(found: Collection[Found], words: str = "") -> RuleError:
    numbers = dict.fromkeys((each.kind, each.shown) for each in found)
    shown: Any = Joined(Text(f"refused.private_number.{kind}", number=number) for kind, number in numbers)
    copy = Text("refused.private_number.copy", words=words) if 0 < len(words) <= GIVEN_BACK else ""
    return RuleError("refused.private_number", numbers=shown, copy=copy)
