"""Alerts, their villages, receipts and calls for help."""

from __future__ import annotations

from storage.alerts.scope import helpers_of, police_of
from storage.core.registry import Counts, Data, Number, Personal, Places, Subject, everybody, moves_of_shared
from storage.core.retention import Retention

_UNANSWERED = "confirmed_at IS NULL AND alert_id IN (SELECT id FROM alerts WHERE state IN ('draft', 'waiting', 'sent'))"
_RUNNING = "alert_id IN (SELECT id FROM alerts WHERE state IN ('sent', 'ended'))"
_COUNT = f"SELECT COUNT(*) AS n FROM alert_villages WHERE village_id = ?1 AND {_UNANSWERED}"

DATA = Data(
    "alerts",
    grows=("alert_villages", "alert_receipts", "alert_helps", "alert_help_lists"),
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
            gathers="alert_unreached",
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
        Subject("alert_help", "alert_help_lists", scope=helpers_of, gate=helpers_of, retention=Retention.NOTICE),
    ),
    numbers=(Number("alert"), Number("alert_help")),
    places=Places(
        {"alerts": _COUNT},
        (
            *moves_of_shared("alert_villages", "alert_id", _UNANSWERED),
            *moves_of_shared("alert_help_lists", "alert_id", _RUNNING),
            f"UPDATE alert_helps SET village_id = ?1 WHERE village_id = ?2 AND {_RUNNING}",
        ),
    ),
    unscoped={
        "Alerts.list_asking": "takes the author, whose own they are; for the clock and for who loses a post",
        "Alerts.list_unconfirmed": "for changes of posts and the auditor, which give villages to somebody who can confirm",
        "Alerts.list_running_red": "takes the station of a draft that its author may send; to ask about a second alert",
        "Alerts.list_unreached": "for the clock, which gives these villages to the next post",
        "Alerts.list_unseconded": "takes the author, whose own they are; to sum up their red alerts",
    },
    shown={"it shows the shelter to everybody who is warned": ("alerts.pin",)},
    personal=Personal(
        erase=("DELETE FROM alert_helps WHERE person_id = ?1", "UPDATE alert_helps SET helped_by = NULL WHERE helped_by = ?1"),
        moved=(
            "alerts.author_id",
            "alerts.second_id",
            "alert_villages.chair_id",
            "alert_villages.handed_to",
            "alert_villages.confirmed_by",
            "alert_helps.helped_by",
        ),
        once=("alert_receipts.alert_id", "alert_helps.alert_id"),
        held=("alert_villages.chair_id", "alert_villages.handed_to"),
        past={
            "an alert that waits for agreement is dropped with its author's right; one that was sent is the station's": (
                "alerts.author_id",
                "alerts.second_id",
            ),
            "what was confirmed or read stays so": ("alert_villages.confirmed_by", "alert_receipts.person_id"),
            "a call for help is the villager's; the list goes to whoever holds the post": (
                "alert_helps.person_id",
                "alert_helps.helped_by",
            ),
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
