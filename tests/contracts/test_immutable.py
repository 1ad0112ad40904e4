"""Plain values are immutable: the type checker refuses a change, no check runs later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mypy import api

from domain.core.change import Address, ChatId, Notice, Receiver

HERE = Address("telegram", ChatId(7))


CODE = """from dataclasses import replace
from domain.core.change import Address, ChatId
address = Address("telegram", ChatId(7))
address.thread_id = 3
Address(7, ChatId(7))
replace(address, thread_id=3)
"""


@pytest.mark.timeout(300)
def test_type_checker_refuses_change_of_value(tmp_path):
    options = ["--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary", "--cache-dir", str(tmp_path)]
    said, errors, _ = api.run([*options, "-c", CODE])
    assert errors == ""
    assert [line.partition(": error: ")[::2] for line in said.splitlines()] == [
        ("<string>:4", 'Property "thread_id" defined in "Address" is read-only  [misc]'),
        ("<string>:5", 'Argument 1 to "Address" has incompatible type "int"; expected "str"  [arg-type]'),
    ]


def test_values_are_compared_hashed_and_copied_by_fields():
    assert Address("telegram", ChatId(7)) == HERE
    assert {HERE: 1}[Address("telegram", ChatId(7))] == 1
    assert replace(HERE, thread_id=3) == Address("telegram", ChatId(7), 3)
    assert Notice(Receiver(HERE), "key").params is not Notice(Receiver(HERE), "key").params
    with pytest.raises(AttributeError):
        HERE.colour = "red"  # type: ignore[attr-defined]
