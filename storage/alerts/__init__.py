"""Alerts, their villages and receipts."""

from __future__ import annotations

from storage.alerts.scope import police_of
from storage.core.registry import Counts, Data, Number, Personal, Places, Subject, everybody, moves_of_shared
from storage.core.retention import Retention

_UNANSWERED = "confirmed_at IS NULL AND alert_id IN (SELECT id FROM alerts WHERE state IN ('draft', 'waiting', 'sent'))"
_COUNT = f"SELECT COUNT(*) AS n FROM alert_villages WHERE village_id = ?1 AND {_UNANSWERED}"

DATA = Data(
    "alerts",
    grows=("alert_villages", "alert_receipts"),
    small={"some hundreds a year: each is decided by a person in office": ("alerts",)},
    subjects=(
        Subject(
            "alert",
            "alerts",
            alias="a",
            scope=police_of,
            gate=everybody,
            groups=True,
            retention=Retention.ORDER,
            sealed=False,  # an alert is public by its nature, and an administrator who is the last recipient must pass it on
            counts=(
                Counts(
                    "alerts",
                    "alerts a JOIN alert_villages av ON av.alert_id = a.id",
                    kind="CASE a.drill WHEN 1 THEN 'drill' ELSE 'alert' END",
                    village="av.village_id",
                    severity="a.level",
                    instants={"sent_at": "a.sent_at", "confirmed_at": "av.confirmed_at", "ended_at": "a.ended_at"},
                ),
            ),
        ),
    ),
    numbers=(Number("alert"),),
    places=Places({"alerts": _COUNT}, moves_of_shared("alert_villages", "alert_id", _UNANSWERED)),
    unscoped={
        "Alerts.list_asking": "takes the author, whose own they are; for the clock and for who loses a post",
        "Alerts.list_unconfirmed": "for changes of posts and the auditor, which give villages to somebody who can confirm",
        "Alerts.list_unseconded": "takes the author, whose own they are; to sum up their red alerts",
    },
    personal=Personal(
        moved=(
            "alerts.author_id",
            "alerts.second_id",
            "alert_villages.chair_id",
            "alert_villages.handed_to",
            "alert_villages.confirmed_by",
        ),
        once=("alert_receipts.alert_id",),
        held=("alert_villages.chair_id", "alert_villages.handed_to"),
        past={
            "an alert that waits for agreement is dropped with its author's right; one that was sent is the station's": (
                "alerts.author_id",
                "alerts.second_id",
            ),
            "what was confirmed or read stays so": ("alert_villages.confirmed_by", "alert_receipts.person_id"),
        },
        kept={
            "who ordered an alert and who confirmed it for a village was done in office, and stays with its name": (
                "alerts.author_id",
                "alerts.author_name",
                "alerts.second_id",
                "alert_villages.chair_id",
                "alert_villages.handed_to",
                "alert_villages.confirmed_by",
                "alert_villages.confirmed_name",
            ),
            "that an alert was read is counted by person; it names a number": ("alert_receipts.person_id",),
        },
    ),
)
