"""What a pressed button carries: its values, read as numbers.

Must not know what is numbered. Invariant: a value that no button of ours can carry is an old button to whoever presses it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.core.change import RuleError

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext

ID = re.compile("[0-9]{1,9}")


def number_pressed(ctx: HandlerContext) -> int:
    """Return the first value of a press as a number.

    Raises:
        RuleError: it is none.
    """
    value = (*ctx.incoming.values, "")[0]
    if not ID.fullmatch(value):
        raise RuleError("refused.old_button")
    return int(value)
