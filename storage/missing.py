"""Missing-person notices as rows.

Knows SQL and no rule. Invariant: only police of a notice's place read it; the name of the relative who agreed is sealed.
"""

from __future__ import annotations

from domain.missing import Missing
from domain.people.people import POLICE
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Data, Personal
from storage.core.retention import Retention


class MissingNotices(Records[Missing]):
    """Notices, until 30 days after they were sent."""

    table = RecordTable(
        Missing,
        "missing_notices",
        feature="missing",
        scope=Scope((), (Grant(POLICE),)),
        retention=Retention.NOTICE,
        told=("words",),
        groups=True,
        sealed=("consent",),
    )


DATA = Data(
    "missing",
    records=(MissingNotices,),
    personal=Personal(kept={"a notice was sent in office, and is erased after 30 days": ("missing_notices.opened_by",)}),
)
