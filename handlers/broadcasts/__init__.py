"""Broadcasts: one message to many; tips against fraud and their schedules."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.broadcasts import composing, holders, notices, sending, tip_plans, tips
from handlers.core.feature import Feature
from handlers.core.route import KNOWN, ButtonRoute, CommandRoute, TimerRoute

FEATURE = Feature(
    "broadcasts",
    routes=(
        CommandRoute("tip", tips.open_menu, Policy.JOINED, menu=KNOWN, pressed="menu.tip"),
        ButtonRoute("menu.tip", tips.open_menu, Policy.JOINED, about_oneself=True),
        ButtonRoute("tip.today", tips.today, Policy.JOINED, about_oneself=True),
        ButtonRoute("tip.met", tips.met, Policy.JOINED, about_oneself=True),
        ButtonRoute("nt.new", notices.write, Policy.POLICE, about_oneself=True),
        ButtonRoute("tip.wish", tips.wish, Policy.JOINED, about_oneself=True),
        ButtonRoute("tip.page", tips.turn_page, Policy.POLICE, about_oneself=True),
        ButtonRoute("tip.pick", tips.pick, Policy.POLICE, about_oneself=True),
        ButtonRoute("tip.own", tips.write_own, Policy.POLICE, about_oneself=True),
        ButtonRoute("tip.plans", tip_plans.list_plans, Policy.POLICE, about_oneself=True),
        ButtonRoute("tip.new", tip_plans.add, Policy.POLICE, about_oneself=True),
        ButtonRoute("tip.pause", tip_plans.pause_or_run, Policy.POLICE),
        ButtonRoute("tip.del", tip_plans.delete, Policy.POLICE),
        TimerRoute("schedule:tips", tip_plans.send_due),
        ButtonRoute("bc.card", composing.show, Policy.POLICE),
        ButtonRoute("bc.to", composing.choose_audience, Policy.POLICE),
        ButtonRoute("bc.pick", composing.pick, Policy.POLICE),
        ButtonRoute("bc.tog", composing.toggle, Policy.POLICE),
        ButtonRoute("bc.go", composing.confirm, Policy.POLICE),
        ButtonRoute("bc.drop", composing.discard, Policy.POLICE),
        ButtonRoute("bc.stop", composing.stop, Policy.POLICE, fresh=composing.open_sent),
        ButtonRoute("bc.retry", composing.retry, Policy.POLICE, fresh=composing.open_sent),
        ButtonRoute("bc.who", composing.receipts, Policy.POLICE, fresh=composing.open_sent),
        ButtonRoute("bc.list", composing.list_sent, Policy.POLICE, about_oneself=True),
        ButtonRoute("bc.show", composing.open_sent, Policy.POLICE, fresh=composing.open_sent),
        TimerRoute("broadcast", sending.look),
    ),
    start_links={sending.MET_LINK: tips.open_link},
    dialogs=(
        tips.OWN,
        notices.NOTICE,
        tip_plans.PLAN,
    ),
    on_access_revoked=sending.stop_for,
    on_posts_changed=holders.give_away,
    exceptions={
        "what is sent to a whole village is meant to be passed on": ("forwardable sending._message",),
    },
)
