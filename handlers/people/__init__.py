"""Who somebody is: joining, invitations, posts, leave, and what is stored about a person."""

from __future__ import annotations

from domain.people.people import Policy, Role
from handlers.core.feature import Feature
from handlers.core.route import CHAIRS, EVERYBODY, KNOWN, OFFICERS, STATION, Command, Press
from handlers.people import duty, handover, inviting, joining, privacy, redeeming, roster

#: The modules that other features may import.
DOORS = ("joining",)
FEATURE = Feature(
    "people",
    routes=(
        Press("m.me", privacy.me, Policy.ANYONE),
        Press("m.roster", roster.roster, Policy.POST),
        Press("m.duty", duty.duty, Policy.POST),
        Command("start", joining.start, Policy.ANYONE, menu=EVERYBODY),
        Press("join", joining.press_join, Policy.ANYONE),
        Press("jlater", joining.press_later, Policy.ANYONE),
        Press("jpick", joining.press_village, Policy.ANYONE),
        Press("jpage", joining.press_page, Policy.ANYONE),
        Press("jmove", joining.press_move, Policy.JOINED),
        Press("jstay", joining.press_stay, Policy.JOINED),
        Press("jread", joining.press_read, Policy.JOINED),
        Press("take", redeeming.press_take, Policy.ANYONE),
        Press("nottake", redeeming.press_not_me, Policy.ANYONE),
        Press("appoint", redeeming.press_appoint, Policy.STATION),
        Command("me", privacy.me, Policy.ANYONE, menu=EVERYBODY),
        Press("tips", privacy.press_tips, Policy.JOINED),
        Press("rename", privacy.press_rename, Policy.JOINED),
        Press("phone", privacy.press_phone, Policy.JOINED),
        Command("language", privacy.language, Policy.ANYONE, menu=EVERYBODY),
        Press("langs", privacy.language, Policy.ANYONE),
        Press("lang", privacy.press_language, Policy.ANYONE),
        Command("forget", privacy.forget, Policy.ANYONE, menu=KNOWN),
        Press("forget", privacy.forget, Policy.JOINED),
        Press("forgetme", privacy.press_forget, Policy.JOINED),
        Press("keepme", privacy.press_keep, Policy.JOINED),
        Command("invite", inviting.invite, Policy.POST, menu=frozenset({Role.CHAIR, Role.OFFICER, Role.LEADER, Role.ADMIN})),
        Press("revoke", inviting.press_revoke, Policy.POST),
        Command("roster", roster.roster, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
        Press("rpage", roster.press_page, Policy.POST),
        Press("rv", roster.press_village, Policy.POST),
        Press("rp", roster.press_person, Policy.POST),
        Press("suspend", roster.press_suspend, Policy.POST),
        Press("restore", roster.press_restore, Policy.POST),
        Press("again", roster.press_invite_again, Policy.POST),
        Command("handover", handover.handover, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
        Press("hand", handover.press_hand, Policy.POST),
        Command("duty", duty.duty, Policy.POST, menu=OFFICERS | CHAIRS | STATION),
        Press("leave", duty.press_leave, Policy.POST),
        Press("noleave", duty.press_cancel_leave, Policy.POST),
        Press("nodeputy", duty.press_decline, Policy.POST),
    ),
    dialogs=(
        privacy.RENAME,
        privacy.PHONE,
        inviting.INVITE,
        handover.HANDOVER,
        duty.LEAVE,
    ),
    start_links={"v": joining.open_poster, "i": joining.open_invitation},
)
