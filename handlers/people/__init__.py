"""People: joining, invitations, posts, leave, and the data stored about a person."""

from __future__ import annotations

from domain.people.people import Policy, Role
from domain.people.relocation import DUE
from handlers.core.feature import Feature
from handlers.core.route import CHAIRS, EVERYBODY, KNOWN, OFFICERS, STATION, ButtonRoute, CommandRoute, TimerRoute
from handlers.people import approving, duty, handover, imports, inviting, joining, privacy, redeeming, relocating, roster

#: The modules that other features may import.
DOORS = ("joining",)
FEATURE = Feature(
    "people",
    records=(relocating.RELOCATIONS,),
    routes=(
        ButtonRoute("m.me", privacy.me, Policy.ANYONE, about_oneself=True),
        ButtonRoute("m.roster", roster.roster, Policy.POST, about_oneself=True),
        ButtonRoute("m.duty", duty.duty, Policy.POST, about_oneself=True),
        CommandRoute("start", joining.start, Policy.ANYONE, menu=EVERYBODY),
        ButtonRoute("join", joining.press_join, Policy.ANYONE, about_oneself=True),
        ButtonRoute("jlater", joining.press_later, Policy.ANYONE, about_oneself=True),
        ButtonRoute("jpick", joining.press_village, Policy.ANYONE, about_oneself=True),
        ButtonRoute("jpage", joining.press_page, Policy.ANYONE, about_oneself=True),
        ButtonRoute("jmove", joining.press_move, Policy.JOINED, about_oneself=True),
        ButtonRoute("relocate", relocating.press_answer, Policy.HANDLER),
        TimerRoute(DUE, relocating.relocation_due),
        ButtonRoute("jstay", joining.press_stay, Policy.JOINED, about_oneself=True),
        ButtonRoute("jread", joining.press_read, Policy.JOINED, about_oneself=True),
        ButtonRoute("take", redeeming.press_take, Policy.ANYONE),
        ButtonRoute("nottake", redeeming.press_not_me, Policy.ANYONE, about_oneself=True),
        ButtonRoute("appoint", approving.press_appoint, Policy.STATION),
        ButtonRoute("mychat", approving.press_my_chat, Policy.JOINED),
        ButtonRoute("notmine", approving.press_not_mine, Policy.JOINED),
        ButtonRoute("linkme", inviting.press_link, Policy.JOINED, about_oneself=True),
        TimerRoute("appointment_due", approving.appointment_due),
        ButtonRoute("import", imports.press_decide, Policy.STATION),
        ButtonRoute("imppage", imports.press_page, Policy.STATION),
        CommandRoute("me", privacy.me, Policy.ANYONE, menu=EVERYBODY),
        ButtonRoute("tips", privacy.press_tips, Policy.JOINED, about_oneself=True),
        ButtonRoute("rename", privacy.press_rename, Policy.JOINED, about_oneself=True),
        ButtonRoute("phone", privacy.press_phone, Policy.JOINED, about_oneself=True),
        CommandRoute("language", privacy.language, Policy.ANYONE, menu=EVERYBODY),
        ButtonRoute("langs", privacy.language, Policy.ANYONE, about_oneself=True),
        ButtonRoute("lang", privacy.press_language, Policy.ANYONE, about_oneself=True),
        CommandRoute("forget", privacy.forget, Policy.ANYONE, menu=KNOWN),
        ButtonRoute("forget", privacy.forget, Policy.JOINED, about_oneself=True),
        ButtonRoute("forgetme", privacy.press_forget, Policy.JOINED, about_oneself=True),
        ButtonRoute("keepme", privacy.press_keep, Policy.JOINED, about_oneself=True),
        CommandRoute("invite", inviting.invite, Policy.POST, menu=frozenset({Role.CHAIR, Role.OFFICER, Role.LEADER, Role.ADMIN})),
        ButtonRoute("revoke", inviting.press_revoke, Policy.POST),
        CommandRoute("roster", roster.roster, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
        ButtonRoute("rpage", roster.press_page, Policy.POST, about_oneself=True),
        ButtonRoute("rv", roster.press_village, Policy.POST),
        ButtonRoute("rp", roster.press_person, Policy.POST),
        ButtonRoute("suspend", roster.press_suspend, Policy.POST),
        ButtonRoute("restore", roster.press_restore, Policy.POST),
        ButtonRoute("again", roster.press_invite_again, Policy.POST),
        CommandRoute("handover", handover.handover, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
        ButtonRoute("hand", handover.press_hand, Policy.POST),
        CommandRoute("duty", duty.duty, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
        ButtonRoute("leave", duty.press_leave, Policy.POST, about_oneself=True),
        ButtonRoute("noleave", duty.press_cancel_leave, Policy.POST),
        ButtonRoute("nodeputy", duty.press_decline, Policy.POST),
    ),
    dialogs=(
        privacy.RENAME,
        privacy.PHONE,
        inviting.INVITE,
        redeeming.TAKE,
        handover.HANDOVER,
        duty.LEAVE,
    ),
    start_links={"v": joining.open_poster, "i": joining.open_invitation},
    exceptions={
        "to the persons concerned and those in charge, one by one": (
            "put access_revocation._tell_of_end",
            "put administrators.ensure_admins",
            "put imports.announce_order",
            "put imports.ask_leaders",
            "put imports.tell_old_chats",
        ),
        "how a decided appointment stands: the question itself escalates": (
            "stays approving._tell_deciders",
            "stays approving._settle",
            "stays approving.drop_waiting",
        ),
        "the card of a decided list is only redrawn": ("stays imports.press_decide",),
    },
)
