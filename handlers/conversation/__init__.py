"""What is said without a command, danger, the menu and groups."""

from __future__ import annotations

from domain.people.people import Policy
from handlers.conversation import emergency, free_text, groups, menu
from handlers.core.feature import Feature
from handlers.core.route import EVERYBODY, Command, Press, Says

#: The modules that other features may import.
DOORS = ("groups",)
FEATURE = Feature(
    "conversation",
    routes=(
        Says("private", free_text.speak, Policy.ANYONE),
        Says("edited", free_text.corrected, Policy.ANYONE),
        Command("sos", emergency.sos, Policy.ANYONE, menu=EVERYBODY, free=True),
        Press("m.sos", emergency.press_sos, Policy.ANYONE, free=True),
        Press("urgent", emergency.press_urgent, Policy.JOINED, free=True),
        Press("calm", emergency.press_calm, Policy.JOINED, free=True),
        Press("mistake", emergency.press_mistake, Policy.ANYONE, free=True),
        Press("t.add", free_text.press_add, Policy.JOINED),
        Press("t.new", free_text.press_new, Policy.JOINED),
        Command("help", menu.help_, Policy.ANYONE, menu=EVERYBODY),
        Press("menu", menu.press_menu, Policy.ANYONE),
        Command("bind", groups.bind, Policy.ANYONE, where="group"),  # who speaks for the village is asked of the village
        Command("unbind", groups.unbind, Policy.ANYONE, where="group"),
        Says("member", groups.change_membership, Policy.ANYONE, free=True),
        Says("moved", groups.follow_move, Policy.ANYONE, free=True),
        Says("group", groups.hear, Policy.ANYONE, free=True),
        Says("misplaced", groups.redirect, Policy.ANYONE, free=True),
    ),
    show_menu=menu.show_menu,
)
