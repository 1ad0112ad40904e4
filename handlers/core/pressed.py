"""Read the numbers that a pressed button carries.

Knows their form only; storage decides whose record a number is. Invariant: a value that is not a number is an old button, never a fault.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.core.change import RuleError

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext

#: The form of a number in a button, a link or an answer.
NUMBER = re.compile("[0-9]{1,9}")


def pressed_number(ctx: HandlerContext) -> int:
    """Return the first value of a press as a number.

    Raises:
        RuleError: `refused.old_button`: it is not a number.
    """
    value = (*ctx.incoming.values, "")[0]
    if not NUMBER.fullmatch(value):
        raise RuleError("refused.old_button")
    return int(value)


def pressed_numbers(ctx: HandlerContext, count: int) -> tuple[int, ...]:
    """Return the values of a press, which are `count` numbers.

    Raises:
        RuleError: `refused.old_button`: they are not `count` numbers.
    """
    values = ctx.incoming.values
    if len(values) != count or not all(NUMBER.fullmatch(value) for value in values):
        raise RuleError("refused.old_button")
    return tuple(int(value) for value in values)
