"""The answers of those who received an alert: a chair or police for a village, anybody else for themselves.

Knows the buttons under an alert. Invariant: who pressed is checked, not who was asked.
"""

from __future__ import annotations

from domain import alerts
from domain.alerts import Alert, How, State, may_alert
from domain.core.change import NotFound, Notice, Priority, RuleError, VillageId
from domain.people.people import Village
from handlers.alerts.board import draw
from handlers.alerts.sending import chair_buttons, facts_of
from handlers.core.context import Act
from handlers.core.pressed import pressed_numbers
from texts import At, Text


async def press_told(act: Act) -> None:
    """A chair: received, and every household knows."""
    await _confirm(act, How.TOLD, drill=False)


async def press_seen(act: Act) -> None:
    """A chair: received."""
    await _confirm(act, How.SEEN, drill=False)


async def press_phoned(act: Act) -> None:
    """Police: the village was told by telephone."""
    await _confirm(act, How.PHONE, drill=False)


async def press_drill_ok(act: Act) -> None:
    """A chair, in a drill."""
    await _confirm(act, How.TOLD, drill=True)


async def press_drill_phoned(act: Act) -> None:
    """Police, in a drill: the village was told by telephone."""
    await _confirm(act, How.PHONE, drill=True)


async def press_got(act: Act) -> None:
    """Anybody else who received it."""
    await _receive(act, drill=False)


async def press_drill_got(act: Act) -> None:
    """Anybody else, in a drill."""
    await _receive(act, drill=True)


async def _confirm(act: Act, how: How, *, drill: bool) -> None:
    number, village_id = _number_and_village(act)
    alert = await act.unit.alerts.for_village(act.actor, number, village_id, drill=drill)
    village = next((each for each in await act.unit.people.list_villages([village_id])), None)
    if alert is None or village is None or (how is How.PHONE and not may_alert(act.actor, village)):
        raise NotFound(number)
    made = alerts.confirm(alert, village_id, act.actor, how=how, at=act.at, list_after=act.town.alert_list_after)
    before = next(each for each in await act.unit.alerts.standings(alert) if each.village_id == village_id)
    if not alerts.adds(how, before.how):
        act.toast("alert.confirmed.already", village=village.name)
        return
    await act.unit.alerts.confirm(made)
    act.toast("alert.confirmed.late_toast" if made.late else "alert.confirmed.toast", village=village.name)
    await _close_cards(act, alert, village, how)
    await draw(act, alert)


async def _close_cards(act: Act, alert: Alert, village: Village, how: How) -> None:
    """Show on every card of those who had to confirm for this village that it is done."""
    facts = await facts_of(act, alert, village) | {
        "name": act.actor.name,
        "confirmed_at": At(act.at, "time"),
        "how": Text(f"alert.how.{how}"),
    }
    card = alert.card_for(village.id)
    others = [who for who in await act.unit.alerts.asked_to_confirm(alert, village.id) if who.address != act.here.address]
    for who in others:
        await act.tell(Notice(who, "alert.confirmed.card", facts, priority=Priority.ALERT, card=card))
    if how is not How.PHONE:
        buttons = chair_buttons(alert, village.id, seen=True) if how is How.SEEN else ()
        await act.tell(Notice(act.here, "alert.confirmed.card", facts, buttons, Priority.ALERT, card=card))


async def _receive(act: Act, *, drill: bool) -> None:
    number, village_id = _number_and_village(act)
    alert = None if act.actor.id is None else await act.unit.alerts.received_by(act.actor.id, number, drill=drill)
    if alert is None or act.actor.id is None or village_id not in alert.villages:
        raise NotFound(number)
    if alert.state is State.RECALLED:
        raise RuleError("alert.is.recalled")
    act.toast("alert.got.drill_toast" if drill else "alert.got.toast")
    if await act.unit.alerts.receive(alert.id, act.actor.id, at=act.at):
        facts = await facts_of(act, alert, await act.unit.people.village(village_id))
        await act.reply("alert.got.card", card=alert.card_for(village_id), fresh=False, **facts)


def _number_and_village(act: Act) -> tuple[int, VillageId]:
    number, village_id = pressed_numbers(act, 2)
    return number, VillageId(village_id)
