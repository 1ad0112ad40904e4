"""What people call the holder of a case: 王主任, 张警官, or the post when nobody in particular has it.

Knows surnames and desks; the words themselves are the texts': what is returned is a text parameter. Must not know who may see a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.people.people import Role

_DOUBLE_SURNAMES = frozenset(
    ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "端木", "夏侯", "南宫")
)


#: How the name of a telephone ends that stands on a desk and is nobody's own.
_DESKS = ("室", "所", "台", "desk")


def display_name(name: str, role: Role | str) -> dict[str, Any]:
    """Return how the village calls a holder of a post, as a text parameter: 王主任, 张警官; a desk that many share by its post."""
    if not name or name.endswith(_DESKS):
        return {"t": f"case.post.{role}"}
    chinese = "\u4e00" <= name[0] <= "\u9fff"
    surname = (name[:2] if name[:2] in _DOUBLE_SURNAMES else name[0]) if chinese else name
    return {"t": f"case.who.{role}", "p": {"surname": surname}}


def holder_of(case: Case) -> dict[str, Any]:
    """Return who has the case now: a person as the village calls him, or the post that has to answer."""
    return display_name(case.holder_name if case.holder_id is not None else "", case.holder)
