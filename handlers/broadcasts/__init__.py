"""Tips against fraud, their plans, and how one message goes to many."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.broadcasts import sending, tip_plans, tips
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, Command, Press, Tick

FEATURE = Feature(
    "broadcasts",
    routes=(
        Command("tip", tips.open_menu, Policy.JOINED, menu=KNOWN),
        Press("menu.tip", tips.open_menu, Policy.JOINED),
        Press("tip.today", tips.today, Policy.JOINED),
        Press("tip.wish", tips.wish, Policy.JOINED),
        Press("tip.page", tips.turn_page, Policy.POLICE),
        Press("tip.pick", tips.pick, Policy.POLICE),
        Press("tip.own", tips.write_own, Policy.POLICE),
        Press("tip.plans", tip_plans.list_plans, Policy.POLICE),
        Press("tip.new", tip_plans.add, Policy.POLICE),
        Press("tip.pause", tip_plans.pause_or_run, Policy.POLICE),
        Press("tip.del", tip_plans.delete, Policy.POLICE),
        Tick("schedule:tips", tip_plans.send_due),
        Press("bc.card", sending.show, Policy.POLICE),
        Press("bc.to", sending.choose_audience, Policy.POLICE),
        Press("bc.pick", sending.pick, Policy.POLICE),
        Press("bc.tog", sending.toggle, Policy.POLICE),
        Press("bc.go", sending.confirm, Policy.POLICE),
        Press("bc.drop", sending.discard, Policy.POLICE),
        Press("bc.stop", sending.stop, Policy.POLICE),
        Press("bc.retry", sending.retry, Policy.POLICE),
        Press("bc.who", sending.receipts, Policy.POLICE),
        Press("bc.list", sending.list_sent, Policy.POLICE),
        Press("bc.show", sending.open_sent, Policy.POLICE),
        Tick("broadcast", sending.look),
    ),
    dialogs=(
        tips.OWN,
        tip_plans.PLAN,
    ),
    on_access_revoked=sending.stop_for,
)
