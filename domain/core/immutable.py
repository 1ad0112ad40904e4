"""Immutable values, checked by mypy instead of at run time.

Knows nothing else. Invariant: mypy refuses to assign to a field of one, wherever it is (PEP 681), so nothing has to be guarded while the
program runs: `dataclass(frozen=True)` sets every field through a guard, which took 7 % of opening a case.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable(cls: type[T]) -> type[T]:
    """Make a dataclass with slots, compared and hashed by its fields.

    It is read-only for the type checker.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


if TYPE_CHECKING:
    from dataclasses import replace as replace  # mypy then checks the names and types of the fields
else:

    def replace(value: T, /, **changes: Any) -> T:
        """Return a copy of a value with other fields; its fields are all arguments of its class.

        `dataclasses.replace` looks at each field in a loop.

        Raises:
            TypeError: there is no such field.
        """
        kind = type(value)
        places, read = _shape(kind)
        found = [*read(value)]
        for name, new in changes.items():
            if name not in places:
                raise TypeError(f"{kind.__name__} has no field {name!r}")
            found[places[name]] = new
        return kind(*found)


@cache
def _shape(kind: type) -> tuple[dict[str, int], Any]:
    """Return the place of each field among the arguments of a class, and what reads them all."""
    names = [each.name for each in fields(kind)]
    read = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    return {name: place for place, name in enumerate(names)}, read
