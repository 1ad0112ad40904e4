"""Trainings: announcements, answers, attendance, quizzes."""

from __future__ import annotations

from storage.core.registry import Counts, Data, Number, Personal, Places, Subject, moves_of_shared
from storage.core.retention import Retention
from storage.training.scope import told_of, watched_by

_OPEN = "training_id IN (SELECT id FROM trainings WHERE ended_at IS NULL)"

DATA = Data(
    "training",
    grows=("training_villages", "training_people"),
    small={"some hundreds a year: each is decided by a person in office": ("trainings",)},
    subjects=(
        Subject(
            "training",
            "trainings",
            alias="t",
            scope=watched_by,
            gate=told_of,
            retention=Retention.TRAINING,
            counts=(
                Counts(
                    "trainings",
                    "trainings t JOIN training_villages tv ON tv.training_id = t.id",
                    kind="t.state",
                    village="tv.village_id",
                    severity="''",
                    instants={"announced_at": "t.announced_at", "starts_at": "t.starts_at", "ended_at": "t.ended_at"},
                ),
                Counts(
                    "person-times",
                    "training_people tp JOIN trainings t ON t.id = tp.training_id",
                    kind="t.state",
                    village="tp.village_id",
                    severity="''",
                    instants={"starts_at": "t.starts_at", "signed_at": "tp.signed_at"},
                ),
            ),
        ),
    ),
    numbers=(Number("training"),),
    secrets=("trainings.token",),
    shown={
        "it is shown at the place, and on the invitation: where it is, and the word that proves presence": (
            "trainings.code",
            "trainings.pin",
        ),
        "yes or no to an invitation, for who invited": ("training_people.answer",),
        "a mark of three questions, for the person and for who may call their village": ("training_people.quiz_answers",),
    },
    unscoped={
        "Trainings.list_organised": "for changes of posts and the auditor, which give trainings to another organiser",
        "Trainings.list_reached": "for the clock, which tells them of a change",
        "Trainings.list_promised": "takes whose seats they are; for an erasure, which frees them",
        "Trainings.list_open": "open to the actor's whole station: a code that is shown at the place says which one is meant",
    },
    places=Places(
        open={"trainings": f"SELECT COUNT(*) AS n FROM training_villages WHERE village_id = ?1 AND {_OPEN}"},
        moves=(
            f"UPDATE training_people SET village_id = ?1 WHERE village_id = ?2 AND {_OPEN}"
            " AND training_id IN (SELECT training_id FROM training_villages WHERE village_id = ?2)",
            *moves_of_shared("training_villages", "training_id", _OPEN),
        ),
    ),
    personal=Personal(
        moved=("trainings.organiser_id", "training_people.signed_by"),
        once=("training_people.training_id",),
        held=("trainings.organiser_id",),
        past={
            "attendance says who came, and who signed them in": ("training_people.person_id", "training_people.signed_by"),
        },
        kept={
            "who held a training did so in office, and stays with their name": ("trainings.organiser_id", "trainings.organiser_name"),
            "attendance is counted by person; it names a number": ("training_people.person_id", "training_people.signed_by"),
        },
    ),
)
