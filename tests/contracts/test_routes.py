"""The route table: policies, handlers, commands, dialogs, buttons and timers.

Every row has a policy, every handler a row, every button a route, and every promised command exists. The permissions of the policies are
repeated here, so that nobody gets access by accident.
"""

from __future__ import annotations

import ast
import inspect
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from bot.handling.dispatch import Table
from bot.routes import DIALOGS, FEATURES, HOOKS, ROUTES
from bot.telegram.buttons import LIMIT, Signer
from domain.core.change import Address, ChatId, PersonId, RuleError, StationId, VillageId
from domain.people.people import RANK, STATION_ROLES, Person, Policy, Post, Role, admit, may_try
from handlers.core.route import ButtonRoute, CommandRoute, MessageRoute, Route, TimerRoute
from tests.contracts.sources import (
    ROOT,
    built_verbs,
    buttons,
    catalog,
    clocks,
    dialogs_begun,
    handler_functions,
    sources,
    timers,
    unreached_handlers,
    walked,
)
from tests.rows import row

if TYPE_CHECKING:
    from pathlib import Path

#: The promised commands of this release.
PROMISED = {
    "start", "help", "language", "me", "forget", "report", "cases", "case", "note", "withdraw", "reopen", "accept", "mediate", "settle",
    "escalate", "refer", "close", "ack", "alert", "tip", "training", "coming", "bind", "invite", "roster", "handover", "duty",
}  # fmt: skip
#: Routes for people who have not joined: meet the bot, get an answer, leave a conversation. Everything else is refused.
OPEN_TO_STRANGERS = {
    "answer", "back", "cancel", "start", "help", "join", "jlater", "jpick", "jpage", "take", "nottake", "me", "language", "langs", "lang",
    "forget", "private", "group", "member", "moved", "edited", "misplaced", "bind", "unbind", "menu", "mistake",
    "bind_station", "unbind_station",  # as /bind: in the group, refused by the handler to everybody but desk and leaders
    "sos", "m.sos", "m.me", "card", "aid", "aid.list", "escort", "es.ask", "es.stop",
    # Nobody in danger has to join first.
    "urgent", "calm", "u.at", "u.page", "u.is", "u.sent", "u.kept", "q.clear", "q.read", "q.plain",
    # The case answers its own buttons: a stranger or a former officer is told that there is no such case.
    "c.acc", "c.ack", "c.med", "c.set", "c.esc", "c.ref", "c.clo", "c.ask", "c.rec", "c.ans", "c.una", "c.not", "c.wd", "c.re", "c.ok", "c.no",
    "c.all", "c.pic", "c.loc", "c.arr", "c.spk", "c.who", "c.shr", "c.fil",
    "r.come", "r.here", "r.work", "r.over", "r.no", "r.eta", "r.loc",
}  # fmt: skip
#: Routes that do not count towards a person's limit per minute: calls for help, actions that end another person's wait, events of a group.
UNCOUNTED = {
    "sos", "m.sos", "urgent", "calm", "mistake", "u.at", "u.page", "u.is", "u.sent", "u.kept", "q.clear", "q.read", "q.plain",
    "aid", "aid.list", "escort", "es.ask", "es.new", "es.stop", "es.take", "es.step",
    "accept", "ack", "c.acc", "c.ack", "c.arr", "c.spk", "atold", "aseen", "atel", "drillok", "drilltel", "ahelp", "ahelped",
    "coming", "r.come", "r.here", "r.work", "r.over", "r.no", "r.eta",
    "group", "member", "moved", "misplaced",
}  # fmt: skip
MOST_DIGITS = 9


def trigger(route: Route) -> str:
    match route:
        case CommandRoute(name=name):
            return name
        case ButtonRoute(verb=verb):
            return verb
        case MessageRoute(kind=kind) | TimerRoute(kind=kind):
            return kind


def person(role: Role, *, suspended: bool = False) -> Person:
    """Return a person who has joined and has this one post."""
    address, village = Address("telegram", ChatId(1)), VillageId(1)
    if role is Role.STRANGER:
        return Person(None, "", "zh", address)
    somebody = Person(PersonId(1), "", "zh", address, village, consented=True, suspended=suspended)
    if role is Role.VILLAGER:
        return somebody
    return replace(somebody, posts=(Post(role, StationId(1), None if role in STATION_ROLES else village),))


# Policies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(Route))
def test_route_requires_policy(kind):
    assert "policy" in inspect.signature(kind).parameters
    if kind is not TimerRoute:  # rows of timers have the policy CLOCK
        assert inspect.signature(kind).parameters["policy"].default is inspect.Parameter.empty


def test_every_route_has_policy():
    for route in ROUTES:
        with row(trigger(route)):
            assert isinstance(route.policy, Policy)
            assert (route.policy is Policy.CLOCK) == isinstance(route, TimerRoute)


def test_strangers_may_try_only_listed_routes():
    tried = {trigger(route) for route in ROUTES if may_try(person(Role.STRANGER), route.policy)}
    assert tried - OPEN_TO_STRANGERS == set()


def test_only_listed_routes_are_free_of_the_rate_limit():
    assert {trigger(route) for route in ROUTES if not isinstance(route, TimerRoute) and route.free} == UNCOUNTED


def faults_of_events(told: set[str], followed: set[str]) -> list[str]:
    """Return the events that nobody follows, and the followed ones that never happen."""
    return [f"nobody follows {name}" for name in sorted(told - followed)] + [f"{name} never happens" for name in sorted(followed - told)]


def test_every_followed_event_happens():
    told = {
        str(node.args[0].value)
        for source in sources(ROOT, "handlers")
        for node in walked(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "happened"
        if isinstance(node.args[0], ast.Constant)
    }
    assert faults_of_events(told, {name for feature in FEATURES for name in feature.follows}) == []


def test_event_that_never_happens_is_found():
    assert faults_of_events({"case changed"}, {"lamp lit"}) == ["nobody follows case changed", "lamp lit never happens"]


def test_suspended_person_has_permissions_of_stranger():
    for role in set(RANK) - {Role.STRANGER}:
        for route in ROUTES:
            allowed = may_try(person(role, suspended=True), route.policy)
            assert allowed == may_try(person(Role.STRANGER), route.policy), (role, trigger(route))


def test_timer_route_is_open_to_no_role():
    timed = {trigger(route): route.policy for route in ROUTES if isinstance(route, TimerRoute)}
    assert [(name, role) for name, policy in timed.items() for role in RANK if may_try(person(role), policy)] == []


def test_policies_admit_expected_roles():
    passes = {policy: {role for role in RANK if may_try(person(role), policy)} for policy in Policy}
    everybody = set(RANK)
    police = {Role.OFFICER, Role.DUTY, Role.LEADER}
    assert passes == {
        Policy.ANYONE: everybody,
        Policy.JOINED: everybody - {Role.STRANGER},
        Policy.POST: everybody - {Role.STRANGER, Role.VILLAGER},
        Policy.COMMITTEE: police | {Role.MEMBER, Role.CHAIR, Role.SECRETARY},
        Policy.HANDLER: police | {Role.CHAIR},
        Policy.POLICE: police,
        Policy.STATION: {Role.DUTY, Role.LEADER, Role.ADMIN},
        Policy.ADMIN: {Role.ADMIN},
        Policy.CLOCK: set(),
    }


def test_refusal_names_reason_when_policy_denies():
    with pytest.raises(RuleError, match=r"^refused\.join_first$"):
        admit(person(Role.STRANGER), Policy.JOINED)
    with pytest.raises(RuleError, match=r"^refused\.not_allowed$"):
        admit(person(Role.VILLAGER), Policy.HANDLER)


# Rows -----------------------------------------------------------------------------------------------------------------


def test_promised_commands_exist():
    assert PROMISED - {route.name for route in ROUTES if isinstance(route, CommandRoute)} == set()


def test_every_handler_has_route():
    assert len(handler_functions(ROOT)) > 100
    assert unreached_handlers(ROOT) == []


def test_handler_without_route_is_found(tmp_path: Path):
    for name in ("bot", "handlers"):
        (tmp_path / name).mkdir()
    (tmp_path / "handlers" / "lamps.py").write_text(
        "async def light(ctx: HandlerContext) -> None: ...\nasync def douse(ctx: HandlerContext) -> None: ...\n", encoding="utf-8"
    )
    (tmp_path / "handlers" / "wires.py").write_text("async def douse(ctx: HandlerContext) -> None: ...\n", encoding="utf-8")
    routes = "from handlers import lamps\nfrom handlers.wires import douse as cut\nROUTES = (CommandRoute('lamp', lamps.light), ButtonRoute('douse', cut))\n"
    (tmp_path / "bot" / "routes.py").write_text(routes, encoding="utf-8")
    assert unreached_handlers(tmp_path) == ["handlers.lamps.douse is never routed (handlers/lamps.py:2)"], (
        "its namesake's row is not its own"
    )


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_unrouted_handlers_are_found_when_routes_of_feature_are_deleted(tmp_path: Path, feature):
    for name in ("bot", "handlers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    package = tmp_path / "handlers" / feature.name
    place = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    place.write_text(place.read_text(encoding="utf-8").partition("FEATURE = ")[0], encoding="utf-8")
    lost = {
        f"{route.handler.__module__}.{route.handler.__qualname__}"
        for route in feature.routes
        if "<locals>" not in route.handler.__qualname__
    }
    mentioned_elsewhere = lost - {line.partition(" ")[0] for line in unreached_handlers(tmp_path)}
    assert len(mentioned_elsewhere) < len(lost) / 2, "the others are called by their neighbours"


def test_every_started_conversation_is_a_dialog():
    assert {name: where for name, where in dialogs_begun(ROOT).items() if name not in DIALOGS} == {}


def test_undeclared_conversation_is_found(tmp_path: Path):
    (tmp_path / "handlers").mkdir()
    code = (
        "DOUSE = Dialog('douse')\ndef which(on):\n    return 'light' if on else DOUSE.name\n"
        "A = begin(ctx, 'lamp')\nB = begin(ctx, which(1))\nC = begin(ctx, name)\n"
    )
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert list(dialogs_begun(tmp_path)) == ["lamp", "light", "douse", "name"]


def test_duplicate_trigger_is_refused():
    route = next(route for route in ROUTES if isinstance(route, CommandRoute))
    with pytest.raises(ValueError, match=f"two routes for {route.name}"):
        Table.of([*ROUTES, route], DIALOGS, HOOKS)


@pytest.mark.parametrize("route", [route for route in ROUTES if isinstance(route, CommandRoute)], ids=trigger)
def test_command_and_description_fit_telegram(route):
    assert re.fullmatch("[a-z0-9_]{1,32}", route.name)
    assert route.where in ("private", "group", "both")
    if route.menu or route.where != "private":
        for language in ("zh", "en"):
            assert 1 <= len(catalog(ROOT, language).get(f"command.{route.name}", "")) <= 256


def test_every_command_description_has_command():
    described = {key.removeprefix("command.") for key in catalog(ROOT, "zh") if key.startswith("command.")}
    assert described - {route.name for route in ROUTES if isinstance(route, CommandRoute)} == set()


@pytest.mark.parametrize("name", DIALOGS)
def test_dialog_has_own_name_and_distinct_steps(name):
    dialog = DIALOGS[name]
    steps = [step.name for step in dialog.steps]
    assert (dialog.name, len(set(steps)), isinstance(dialog.policy, Policy)) == (name, len(steps), True)
    asked = [step.ask for step in dialog.steps]
    assert [key for key in asked if key not in catalog(ROOT, "zh")] == []


# Buttons --------------------------------------------------------------------------------------------------------------


def data_of(verb: str, *arguments: str) -> str:
    return Signer("123456:TEST").write(verb, arguments, chat_id=-1009999999999999)


def test_button_has_route_and_fits_limit():
    routed = {route.verb for route in ROUTES if isinstance(route, ButtonRoute)}
    for button in filter(lambda button: button.verb, buttons(ROOT, number=MOST_DIGITS)):
        with row(button.verb, button.where):
            assert button.verb in routed
            assert len(data_of(button.verb, *("9" * width for width in button.widths)).encode()) <= LIMIT


def test_dialog_answer_fits_limit_with_long_value():
    steps = [(dialog.name, step.name) for dialog in DIALOGS.values() for step in dialog.steps if step.choices]
    for name, step in steps:
        with row(name, step):
            assert len(data_of("answer", name, step, "v" * 20).encode()) <= LIMIT


def test_button_route_fits_limit_with_two_numbers():
    for route in ROUTES:
        if isinstance(route, ButtonRoute):
            with row(route.verb):
                assert len(data_of(route.verb, "9" * MOST_DIGITS, "9" * MOST_DIGITS).encode()) <= LIMIT
                assert re.fullmatch("[a-z0-9_.]{1,16}", route.verb)


def test_button_is_refused_when_data_exceed_limit():
    with pytest.raises(ValueError, match="more than 64 bytes"):
        data_of("answer", "d" * 20, "s" * 20, "v" * 20)


def test_buttons_of_code_are_found(tmp_path: Path):
    (tmp_path / "handlers").mkdir()
    code = 'ROW = Button("lamp.on", "switch" if True else "turn", (number, "yes"), {})\nLINK = Button("lamp.link", url="https://x")\n'
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    found = buttons(tmp_path, number=MOST_DIGITS)
    assert [(button.verb, button.widths) for button in found] == [("switch", (9, 3)), ("turn", (9, 3))]


def test_every_button_verb_is_literal():
    assert built_verbs(ROOT) == []


def test_constructed_button_verb_is_found(tmp_path: Path):
    (tmp_path / "handlers").mkdir()
    code = (
        "A = Button('lamp.on', f'lamp.{number}')\n"
        "def row(verb):\n    return Button('lamp.on', verb)\n"
        "B = row('lamp.' + kind)\nC = row('lamp.on')\n"
        "def other():\n    verb = f'lamp.{x}'\n    return Button('lamp.off', verb=verb)\n"
    )
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert [fault.partition(" puts")[0] for fault in built_verbs(tmp_path)] == [f"handlers/lamps.py:{line}" for line in (1, 3, 8)]


# Time -----------------------------------------------------------------------------------------------------------------


def test_every_started_timer_has_route():
    ticks = {route.kind for route in ROUTES if isinstance(route, TimerRoute)}
    assert {kind: where for kind, where in timers(ROOT).items() if kind not in ticks} == {}


def test_only_bot_reads_the_clock():
    assert clocks(ROOT) == []


def test_clock_and_timer_in_handler_are_found(tmp_path: Path):
    for name in ("bot", "handlers", "storage", "domain"):
        (tmp_path / name).mkdir()
    code = 'AT = datetime.now(UTC)\nTIMER = Timer("lamp_out", "lamp:1", at, "lamp:1:out")\n'
    (tmp_path / "handlers" / "lamps.py").write_text(code, encoding="utf-8")
    assert clocks(tmp_path) == ["handlers/lamps.py:1"]
    assert timers(tmp_path) == {"lamp_out": "handlers/lamps.py:2"}
