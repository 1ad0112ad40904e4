"""Display names of the holder of a case."""

from __future__ import annotations

import pytest

from domain.cases.display import display_name
from domain.people.people import Role


@pytest.mark.parametrize(
    ("name", "role", "shown"),
    [
        ("王建国", Role.CHAIR, {"t": "case.who.chair", "p": {"surname": "王"}}),
        ("欧阳明", Role.OFFICER, {"t": "case.who.officer", "p": {"surname": "欧阳"}}),
        ("", Role.OFFICER, {"t": "case.post.officer"}),
    ],
)
def test_people_are_called_as_the_village_calls_them(name, role, shown):
    assert display_name(name, role) == shown
