"""Display name of a case's assignee: 王主任, 张警官, or the post when there is no assignee.

Knows surnames and desks. Returns text parameters, because the words belong to the texts. Must not know who may see a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.people.people import Role

_DOUBLE_SURNAMES = frozenset(
    ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "端木", "夏侯", "南宫")
)


#: Endings of a telephone's name when it is a shared desk telephone.
_DESKS = ("室", "所", "台", "desk")


def display_name(name: str, role: Role | str) -> dict[str, Any]:
    """Return the display name of a post's holder as a text parameter: 王主任, 张警官.

    A desk that many share is named by its post.
    """
    if not name or name.endswith(_DESKS):
        return {"t": f"case.post.{role}"}
    chinese = "\u4e00" <= name[0] <= "\u9fff"
    surname = (name[:2] if name[:2] in _DOUBLE_SURNAMES else name[0]) if chinese else name
    return {"t": f"case.who.{role}", "p": {"surname": surname}}


def holder_of(case: Case) -> dict[str, Any]:
    """Return the assignee: a person by display name, or the post that has to answer."""
    return display_name(case.holder_name if case.holder_id is not None else "", case.holder)
