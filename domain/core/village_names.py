"""Village names as people type them, several at once or all of them.

Knows separators and the words for "all"; must not know which villages there are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_ALL = frozenset({"all", "全部", "所有", "所有村", "全部村", "全镇", "所有村庄"})


def names_in(said: str) -> tuple[str, ...]:
    """Return the village names in what was typed, each once."""
    return tuple(dict.fromkeys(name for name in re.split(r"[、,，;；\s]+", said) if name))


def means_all(names: Collection[str]) -> bool:
    """Tell whether the one name given means every village."""
    return len(names) == 1 and next(iter(names)).lower() in _ALL
