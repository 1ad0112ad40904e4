"""Alerts: sent alerts, confirmations of villages, and receipts.

Knows SQL and no rule. Invariants: an alert is seen by police of its villages and by its recipients; a draft by its author only; a change is
written only over the version it was decided on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.alerts import Alert, Change, Level, State
from domain.alerts.confirmations import Confirmation, How, VillageStatus
from domain.alerts.hazards import Hazard
from domain.core.change import Address, ChatId, Event, NotFound, PersonId, Receiver, StationId, VillageId
from domain.people.people import ESCALATION_ORDER, Person, Role
from storage.alerts.scope import police_of, within
from storage.core.audit import Audit
from storage.core.facts import Facts
from storage.core.village_names import SHOWN_NAME
from storage.engine.database import Conflict
from storage.people.posts_now import HELD, STANDS_IN
from storage.values import from_json, from_us, from_us_or_none, to_json, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.engine.database import Row, Transaction

#: Outbox states of a chair's message → its reach, best first.
REACHES = (("sent", "delivered"), ("unknown", "delivered"), ("waiting", "sending"))


@dataclass(frozen=True, slots=True)
class NotifiedReceiver:
    """A message of an alert: outbox id, certain arrival, card and recipient."""

    id: int
    arrived: bool
    card: str
    receiver: Receiver


class Alerts:
    """Alerts of one town.

    * `add`, `record(change)`, `confirm(confirmation)`, `receive(alert, person)`.
    * `find`, `visible_to(actor, id)` (police), `for_village(actor, …)` (those who confirm), `received_by(actor, id)` (recipients), `list_visible`.
    * `standings(alert)`, `watchers`, `asked_to_confirm`; `recipients(alert, …)` for recalls; `count_receipts`, `count_sent`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, alert: Alert) -> Alert:
        """Store a draft; return it with its number."""
        row = await self._transaction.fetch_one(
            "INSERT INTO alerts (id, station_id, author_id, author_name, level, text, drill, state, created_at, hazard, source, photo, pin)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                await Facts(self._transaction).next_number("alert"), alert.station_id, alert.author_id, alert.author_name, alert.level,
                alert.text, int(alert.drill), alert.state, to_us(alert.created_at), alert.hazard, alert.source, alert.photo,
                to_json(alert.pin) if alert.pin else "",
            ),
        )  # fmt: skip
        assert row is not None
        for village_id in alert.villages:
            await self._transaction.execute("INSERT INTO alert_villages (alert_id, village_id) VALUES (?, ?)", (row["id"], village_id))
        data = {"level": alert.level, "drill": alert.drill, "villages": len(alert.villages)}
        await Audit(self._transaction).record(Event(f"alert:{row['id']}", "alert.draft", alert.author_id, alert.created_at, data=data))
        found = await self.find(row["id"])
        assert found is not None
        return found

    async def find(self, alert_id: int) -> Alert | None:
        """Return an alert for any reader (for the clock)."""
        return await self._alert("SELECT * FROM alerts a WHERE a.id = ?", (alert_id,))

    async def visible_to(self, actor: Person, alert_id: int) -> Alert:
        """Return an alert if the actor is police of one of its villages (a draft: its author only).

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        where, params = police_of(actor)
        found = await self._alert(f"SELECT * FROM alerts a WHERE a.id = ? AND {where}", (alert_id, *params))
        if found is None:
            raise NotFound(alert_id)
        return found

    async def list_visible(self, actor: Person, *, limit: int) -> list[Alert]:
        """Return the newest alerts that wait or were sent and that the actor may see."""
        where, params = police_of(actor)
        rows = await self._transaction.fetch_all(
            f"SELECT * FROM alerts a WHERE a.state NOT IN ('draft', 'discarded') AND {where} ORDER BY a.id DESC LIMIT ?",
            (*params, limit),
        )
        return [await self._with_villages(row) for row in rows]

    async def list_asking(self, author_id: PersonId) -> list[Alert]:
        """Return a person's alerts that wait for a second person."""
        rows = await self._transaction.fetch_all("SELECT * FROM alerts WHERE author_id = ? AND state = 'waiting' ORDER BY id", (author_id,))
        return [await self._with_villages(row) for row in rows]

    async def list_unseconded(self, author_id: PersonId, *, since: datetime, drill: bool) -> list[Alert]:
        """Return a person's red alerts sent since an instant to which no second person agreed."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM alerts WHERE author_id = ? AND level = 'red' AND drill = ? AND sent_at > ? AND second_id IS NULL ORDER BY id",
            (author_id, int(drill), to_us(since)),
        )
        return [await self._with_villages(row) for row in rows]

    async def list_running_red(self, station_id: StationId, *, drill: bool, at: datetime) -> list[Alert]:
        """Return a station's red alerts that run: sent, not over, not too old."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM alerts WHERE station_id = ? AND level = 'red' AND drill = ? AND state = 'sent' AND expires_at > ? ORDER BY id",
            (station_id, int(drill), to_us(at)),
        )
        return [await self._with_villages(row) for row in rows]

    async def last_villages(self, author_id: PersonId) -> tuple[VillageId, ...]:
        """Return the villages of the alert that a person sent last; empty for none."""
        rows = await self._transaction.fetch_all(
            "SELECT village_id FROM alert_villages WHERE alert_id ="
            " (SELECT MAX(id) FROM alerts WHERE author_id = ? AND sent_at IS NOT NULL) ORDER BY village_id",
            (author_id,),
        )
        return tuple(VillageId(row["village_id"]) for row in rows)

    async def for_village(self, actor: Person, alert_id: int, village_id: VillageId, *, drill: bool) -> Alert | None:
        """Return an alert that was sent to a village of the actor; else None.

        The actor is its chair, its police, or an administrator of its station.
        """
        where, params = within(actor, (Role.CHAIR, Role.OFFICER), (Role.DUTY, Role.LEADER, Role.ADMIN))
        return await self._alert(
            "SELECT * FROM alerts a WHERE a.id = ? AND a.drill = ? AND a.state IN ('sent', 'ended', 'cleared', 'recalled')"
            f" AND EXISTS (SELECT 1 FROM alert_villages av JOIN villages v ON v.id = av.village_id WHERE av.alert_id = a.id AND v.id = ? AND {where})",
            (alert_id, int(drill), village_id, *params),
        )

    async def sent_to(self, alert_id: int, village_id: VillageId) -> Alert | None:
        """Return an alert that was sent to a village and is not over; else None."""
        return await self._alert(
            "SELECT * FROM alerts a WHERE a.id = ? AND a.state IN ('sent', 'ended')"
            " AND EXISTS (SELECT 1 FROM alert_villages av WHERE av.alert_id = a.id AND av.village_id = ?)",
            (alert_id, village_id),
        )

    async def received_by(self, person_id: PersonId, alert_id: int, *, drill: bool) -> Alert | None:
        """Return an alert of which this person was sent a message; else None."""
        return await self._alert(
            "SELECT * FROM alerts a WHERE a.id = ? AND a.drill = ? AND EXISTS (SELECT 1 FROM outbox o WHERE o.batch = ? AND o.batch <> '' AND o.person_id = ?)",
            (alert_id, int(drill), f"alert:{alert_id}", person_id),
        )

    async def record(self, change: Change) -> Alert:
        """Write a change and its audit event; return the alert as it is now.

        Raises:
            Conflict: somebody else changed it first.
        """
        value = change.value
        written = (
            value.state, to_us_or_none(value.asked_at), value.second_id, to_us_or_none(value.sent_at), to_us_or_none(value.expires_at),
            to_us_or_none(value.nudged_at), value.nudges, to_us_or_none(value.ended_at), value.alone_because,
        )  # fmt: skip
        row = await self._transaction.fetch_one(
            "UPDATE alerts SET state = ?, asked_at = ?, second_id = ?, sent_at = ?, expires_at = ?, nudged_at = ?, nudges = ?, ended_at = ?,"
            " alone_because = ?, version = version + 1 WHERE id = ? AND version = ? RETURNING *",
            (*written, value.id, value.version),
        )
        if row is None:
            raise Conflict(f"alert {value.id} was changed by somebody else")
        await Audit(self._transaction).record(change.event)
        return await self._with_villages(row)

    # Villages -----------------------------------------------------------------------------------------------------------

    async def note_chair(self, alert_id: int, village_id: VillageId, chair_id: PersonId) -> None:
        """Record the person who had to confirm for a village."""
        sql = "UPDATE alert_villages SET chair_id = ? WHERE alert_id = ? AND village_id = ?"
        await self._transaction.execute(sql, (chair_id, alert_id, village_id))

    async def hand_to(self, alert_id: int, village_id: VillageId, person_id: PersonId) -> None:
        """Record the person who has a village whose chair cannot be reached."""
        sql = "UPDATE alert_villages SET handed_to = ? WHERE alert_id = ? AND village_id = ?"
        await self._transaction.execute(sql, (person_id, alert_id, village_id))

    async def list_unconfirmed(self, *, at: datetime) -> list[tuple[int, VillageId, PersonId | None]]:
        """Return (alert, village, person who has it) of running alerts without a confirmation."""
        rows = await self._transaction.fetch_all(
            "SELECT av.alert_id, av.village_id, COALESCE(av.handed_to, av.chair_id) AS holder FROM alert_villages av WHERE av.alert_id IN"
            " (SELECT a.id FROM alerts a WHERE a.state = 'sent' AND a.expires_at > ?) AND av.confirmed_at IS NULL ORDER BY av.alert_id, av.village_id",
            (to_us(at),),
        )
        return [(row["alert_id"], VillageId(row["village_id"]), None if row["holder"] is None else PersonId(row["holder"])) for row in rows]

    async def list_unreached(self, alert: Alert, *, since: datetime, until: datetime) -> list[VillageId]:
        """Return the unconfirmed villages whose message to a chair failed in a span.

        Without those where another chair has it or may get it.
        """
        rows = await self._transaction.fetch_all(
            "SELECT DISTINCT o.village_id FROM outbox o JOIN alert_villages av ON av.alert_id = ?1 AND av.village_id = o.village_id"
            " AND av.confirmed_at IS NULL WHERE o.batch = ?2 AND o.batch <> '' AND o.role = 'chair' AND o.state = 'failed' AND o.done_at >= ?3"
            " AND o.done_at < ?4 AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.batch = ?2 AND b.batch <> '' AND b.role = 'chair'"
            " AND b.village_id = o.village_id AND b.created_at >= o.created_at AND b.state IN ('sent', 'waiting', 'unknown')) ORDER BY o.village_id",
            (alert.id, alert.card, to_us(since), to_us(until)),
        )
        return [VillageId(row["village_id"]) for row in rows]

    async def confirm(self, made: Confirmation) -> None:
        """Write a village's confirmation and its audit event.

        The first instant and its lateness stay.
        """
        await self._transaction.execute(
            "UPDATE alert_villages SET late = CASE WHEN confirmed_at IS NULL THEN ? ELSE late END, confirmed_at = COALESCE(confirmed_at, ?),"
            " confirmed_by = ?, confirmed_name = ?, how = ? WHERE alert_id = ? AND village_id = ?",
            (int(made.late), to_us(made.at), made.person_id, made.name, made.how, made.alert_id, made.village_id),
        )
        await Audit(self._transaction).record(made.event)

    async def receive(self, alert_id: int, person_id: PersonId, *, at: datetime) -> bool:
        """Record that somebody has seen it; False when that was known."""
        sql = "INSERT INTO alert_receipts (alert_id, person_id, at) VALUES (?, ?, ?) ON CONFLICT (alert_id, person_id) DO NOTHING"
        return await self._transaction.execute(sql, (alert_id, person_id, to_us(at))) == 1

    async def count_receipts(self, alert_id: int) -> int:
        """Return how many others have seen it."""
        row = await self._transaction.fetch_one("SELECT COUNT(*) AS n FROM alert_receipts WHERE alert_id = ?", (alert_id,))
        return int(row["n"]) if row else 0

    async def standings(self, alert: Alert) -> list[VillageStatus]:
        """Return the status of each village, in the roster's order.

        It follows from the confirmation and from the delivery of the messages.
        """
        rows = await self._transaction.fetch_all(
            f"SELECT av.*, {SHOWN_NAME} AS village, p.name AS chair, p.phone AS phone, h.name AS handed_name FROM alert_villages av"
            " JOIN villages v ON v.id = av.village_id LEFT JOIN people p ON p.id = av.chair_id LEFT JOIN people h ON h.id = av.handed_to"
            " AND EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = h.id AND a.unreachable_at IS NULL)"
            " WHERE av.alert_id = ? ORDER BY av.village_id",
            (alert.id,),
        )
        sent = await self._transaction.fetch_all(
            "SELECT o.village_id, o.role, o.state, p.name FROM outbox o LEFT JOIN people p ON p.id = o.person_id WHERE o.batch = ?"
            " AND o.batch <> '' AND o.role IN ('chair', 'officer', 'duty', 'leader', 'admin') ORDER BY o.id",
            (alert.card,),
        )
        by_village: dict[int, list[Row]] = {}
        for message in sent:
            by_village.setdefault(message["village_id"], []).append(message)
        return [_standing(row, by_village.get(row["village_id"], [])) for row in rows]

    async def asked_to_confirm(self, alert: Alert, village_id: VillageId) -> list[Receiver]:
        """Return those who have the message of a village that had to be confirmed.

        This is its chair, or the people who got it instead.
        """
        rows = await self._transaction.fetch_all(
            "SELECT * FROM outbox WHERE id IN (SELECT MAX(id) FROM outbox WHERE batch = ? AND batch <> '' AND card = ?"
            " AND state = 'sent' AND role IN ('chair', 'officer', 'duty', 'leader', 'admin') GROUP BY channel, chat_id)",
            (alert.card, alert.card_for(village_id)),
        )
        return [_receiver(row) for row in rows]

    async def watchers(self, alert: Alert, *, at: datetime) -> list[PersonId]:
        """Return the viewers of the board.

        These are its author, the officers of its villages, and people with the board in their chat or pending.
        """
        rows = await self._transaction.fetch_all(
            "SELECT author_id AS person_id FROM alerts WHERE id = ?1"
            " UNION SELECT COALESCE(l.deputy_id, posts.person_id) FROM alert_villages av"
            f" JOIN posts ON posts.village_id = av.village_id AND posts.role = 'officer' LEFT JOIN leaves l ON {STANDS_IN.format(at='?3')}"
            f" WHERE av.alert_id = ?1 AND {HELD.format(at='?3')}"
            " UNION SELECT person_id FROM cards WHERE card = ?2 AND person_id IS NOT NULL"
            " UNION SELECT person_id FROM outbox WHERE card = ?2 AND card <> '' AND state = 'waiting' AND person_id IS NOT NULL",
            (alert.id, alert.card, to_us(at)),
        )
        return [PersonId(row["person_id"]) for row in rows]

    async def recipients(self, alert: Alert, *, after: int, limit: int) -> list[NotifiedReceiver]:
        """Return the messages after an outbox id that were sent, may have arrived or were stopped."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM outbox WHERE batch = ? AND batch <> '' AND state IN ('sent', 'unknown', 'superseded') AND id > ? ORDER BY id LIMIT ?",
            (alert.card, after, limit),
        )
        return [NotifiedReceiver(row["id"], row["state"] == "sent", row["card"], _receiver(row)) for row in rows]

    async def count_sent(self, station_id: StationId, *, since: datetime, drill: bool = False) -> int:
        """Return how many alerts of a station were sent since an instant: real ones, or drills."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM alerts WHERE station_id = ? AND sent_at >= ? AND drill = ?", (station_id, to_us(since), int(drill))
        )
        return int(row["n"]) if row else 0

    async def _alert(self, sql: str, params: tuple[object, ...]) -> Alert | None:
        row = await self._transaction.fetch_one(sql, params)
        return None if row is None else await self._with_villages(row)

    async def _with_villages(self, row: Row) -> Alert:
        villages = await self._transaction.fetch_all(
            "SELECT village_id FROM alert_villages WHERE alert_id = ? ORDER BY village_id", (row["id"],)
        )
        pin = from_json(row["pin"]) if row["pin"] else None
        return Alert(
            id=row["id"],
            station_id=StationId(row["station_id"]),
            author_id=PersonId(row["author_id"]),
            author_name=row["author_name"],
            level=Level(row["level"]),
            text=row["text"],
            drill=bool(row["drill"]),
            villages=tuple(VillageId(village["village_id"]) for village in villages),
            state=State(row["state"]),
            created_at=from_us(row["created_at"]),
            asked_at=from_us_or_none(row["asked_at"]),
            second_id=None if row["second_id"] is None else PersonId(row["second_id"]),
            sent_at=from_us_or_none(row["sent_at"]),
            expires_at=from_us_or_none(row["expires_at"]),
            nudged_at=from_us_or_none(row["nudged_at"]),
            nudges=row["nudges"],
            ended_at=from_us_or_none(row["ended_at"]),
            alone_because=row["alone_because"],
            hazard=Hazard(row["hazard"]),
            source=row["source"],
            photo=row["photo"],
            pin=(pin[0], pin[1]) if pin else None,
            version=row["version"],
        )


def _standing(row: Row, messages: Sequence[Row]) -> VillageStatus:
    to_chair = {message["state"] for message in messages if message["role"] == Role.CHAIR}
    fallen = [m["name"] for m in messages if m["role"] in ESCALATION_ORDER[1:] and m["state"] in ("sent", "waiting", "unknown")]
    instead = tuple(dict.fromkeys(name for name in (row["handed_name"], *fallen) if name))
    reach = next((reach for state, reach in REACHES if state in to_chair), "lost")
    return VillageStatus(
        village_id=VillageId(row["village_id"]),
        village=row["village"],
        reach="confirmed" if row["confirmed_at"] is not None else reach,
        chair=row["chair"] or "",
        phone=row["phone"] or "",
        instead=instead,
        how=How(row["how"]) if row["how"] else None,
        late=bool(row["late"]),
    )


def _receiver(row: Row) -> Receiver:
    return Receiver(
        Address(row["channel"], ChatId(row["chat_id"]), row["thread_id"]),
        row["language"],
        None if row["person_id"] is None else PersonId(row["person_id"]),
        row["role"],
        None if row["village_id"] is None else VillageId(row["village_id"]),
    )
