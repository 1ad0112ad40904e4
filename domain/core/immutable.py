"""Immutable values, checked by mypy instead of at run time.

Knows nothing else. Invariant: mypy refuses to assign to a field of one, wherever it is (PEP 681), so nothing has to be guarded while the
program runs: `dataclass(frozen=True)` sets every field through a guard, which took 7 % of opening a case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable(cls: type[T]) -> type[T]:
    """Make a dataclass with slots, compared and hashed by its fields.

    It is read-only for the type checker.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
