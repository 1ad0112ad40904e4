"""Terms of records after their end.

Knows no feature.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum


class Retention(Enum):
    """Retention of a record after its end, with the reason.

    Only declared: nothing deletes by it yet.
    """

    CASE_FILE = (
        timedelta(days=3653),
        "the file of a mediation; no national law fixes the term, so ten years until the county says otherwise",
    )
    ORDER = timedelta(days=1096), "what was ordered in office, and who confirmed it"
    TRAINING = timedelta(days=1096), "who was trained in what, as the yearly report counts it"
    PROPERTY = (
        timedelta(days=731),
        "an unclaimed thing goes to the state after a year, and an owner may recover it for two (Civil Code, 312 and 318)",
    )
    NOTICE = timedelta(days=30), "a missing-person notice; its own timer erases it so long after it was sent (domain/missing.py)"
    OPINION = timedelta(days=365), "an opinion on the service and its answer, for the report of the year"
    MESSAGE = timedelta(days=365), "what was sent to many, for the report of the year"

    def __init__(self, period: timedelta, why: str) -> None:
        self.period = period
        self.why = why
