"""The control API: JSON in, JSON out, one function per path.

`page.Guard` refuses calls from web pages of another origin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.core.errors import ControlError
from sandbox.core.wire import dumps, loads
from sandbox.world.polls import close_due_polls
from sandbox.world.user_actions import groups, messages, people
from sandbox.world.user_actions.request_validation import number

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from starlette.requests import Request

    from sandbox.core.wire import Json
    from sandbox.world.world import World

Action = Callable[["World", "Json"], Any]


def answer(body: object, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(dumps(body), status, media_type="application/json")


def state(world: World) -> Json:
    """Return the initial state for a page."""
    commands = [
        {"scope": kind, "chat_id": chat_id, "user_id": user_id, "language_code": language, "commands": commands}
        for (kind, chat_id, user_id, language), commands in world.commands.items()
    ]
    return {
        "bot": world.bot,
        "now": world.clock.now(),
        "offset_s": world.clock.offset_s,
        "users": [person.state() for person in world.persons.values()],
        "chats": [group.state() for group in world.groups.values()],
        "pending": len(world.updates.queue) + world.webhook.pending,
        "poll_waiting": world.updates.poll_waiting,
        "down": world.faults.down,
        "webhook": world.webhook.url,
        "commands": commands,
        "phones": world.phones,
        "last_event": world.events.last,
    }


def advance_clock(world: World, body: Json) -> Json:
    """Move the clock forward."""
    seconds = body.get("advance_s")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise ControlError("advance_s: seconds forward are needed")
    world.advance(seconds)
    close_due_polls(world)
    return {"now": world.clock.now(), "offset_s": world.clock.offset_s}


def change_faults(world: World, body: Json) -> Json:
    """Change the injected faults and the rate limits."""
    if "limits" in body:
        world.limits.change(body["limits"] or {})
    if {*body} - {"limits"}:
        world.faults.change({name: value for name, value in body.items() if name != "limits"}, now=world.clock.now())
        if world.faults.down:
            world.updates.release()
    present = {**world.faults.state(now=world.clock.now()), "limits": world.limits.state()}
    world.events.add("faults", faults=present)
    return present


def add_update(world: World, body: Any) -> Json:
    """Put a raw update into the queue."""
    return {"update_id": world.updates.add_raw(body)}


def reset(world: World, body: Json) -> Json:
    """Reset the world; see `World.reset`."""
    world.reset()
    return {}


ACTIONS: dict[str, Action] = {
    "/control/users": people.add_user,
    "/control/groups": groups.add_group,
    "/control/messages": messages.write,
    "/control/edits": messages.edit,
    "/control/presses": messages.press,
    "/control/votes": messages.vote,
    "/control/starts": messages.start,
    "/control/blocks": people.block,
    "/control/reactions": people.react,
    "/control/clock": advance_clock,
    "/control/updates": add_update,
    "/control/faults": change_faults,
    "/control/reset": reset,
}


async def body_of(request: Request) -> Any:
    """Return the JSON body of a control call."""
    try:
        return loads(await request.body())
    except (ValueError, RecursionError):
        raise ControlError("the body is not JSON") from None


def routes(world: World) -> list[Route]:
    """Return the routes of `/control`."""

    def endpoint_of(do: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await body_of(request)
            if not isinstance(body, dict) and do is not add_update:
                raise ControlError("the body must be an object")
            return answer(do(world, body))

        return endpoint

    async def show_state(request: Request) -> Response:
        return answer(state(world))

    async def log(request: Request) -> Response:
        events = world.events.after(_after(request))
        return answer({"events": events, "last": world.events.last})

    async def stream(request: Request) -> Response:
        after = _after(request)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_stream(world, after), media_type="text/event-stream", headers=headers)

    async def file(request: Request) -> Response:
        found = world.files.by_unique_id(request.path_params["unique_id"])
        if found is None:
            raise ControlError("no such file", 404)
        return Response(found.content(), media_type=found.served_type, headers={"Cache-Control": "max-age=3600"})

    async def members(request: Request) -> Response:
        return answer(groups.change_members(world, _chat(request), await body_of(request)))

    async def migrate(request: Request) -> Response:
        await body_of(request)
        return answer(groups.migrate(world, _chat(request)))

    async def topics(request: Request) -> Response:
        return answer(groups.add_topic(world, _chat(request), await body_of(request)))

    return [
        Route("/control/state", show_state, methods=["GET"]),
        Route("/control/log", log, methods=["GET"]),
        Route("/control/events", stream, methods=["GET"]),
        Route("/control/files/{unique_id}", file, methods=["GET"]),
        Route("/control/groups/{chat_id}/members", members, methods=["POST"]),
        Route("/control/groups/{chat_id}/migrate", migrate, methods=["POST"]),
        Route("/control/groups/{chat_id}/topics", topics, methods=["POST"]),
        *(Route(path, endpoint_of(do), methods=["POST"]) for path, do in ACTIONS.items()),
    ]


def _chat(request: Request) -> int:
    try:
        return number({"chat": int(request.path_params["chat_id"])}, "chat")
    except ValueError:
        raise ControlError("no such group", 404) from None


def _after(request: Request) -> int:
    raw = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not raw.isdecimal():
        raise ControlError("after: a whole number is needed")
    return int(raw)


async def _stream(world: World, after: int) -> AsyncIterator[bytes]:
    """Yield Server-Sent Events until the sandbox closes.

    A comment comes first, so that the page knows that it is connected.
    """
    yield b": sandbox\n\n"
    while not world.events.closed:
        events = world.events.after(after)
        for event in events:
            after = event["seq"]
            yield b"id: %d\ndata: %b\n\n" % (after, dumps(event))
        await world.events.wait(after)
