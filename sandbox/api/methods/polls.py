"""Polls. The bot gets each answer only if the poll is not anonymous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.api.keyboards import checked
from sandbox.api.methods.delivery import deliver, target
from sandbox.api.targets import message_of, writable_chat
from sandbox.core.errors import bad_request
from sandbox.world.polls import change_poll
from sandbox.world.world import Poll

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.world import World

QUESTION_CHARS = 300
OPTION_CHARS = 100
OPTIONS = (1, 12)
EXPLANATION_CHARS = 200
OPEN_S = (5, 2_628_000)


def send_poll(world: World, args: Arguments) -> Json:
    """Send a poll with up to 12 options."""
    chat_id = target(world, args)
    question = args.text("question").strip()
    if not 1 <= len(question) <= QUESTION_CHARS:
        raise bad_request("poll question must be non-empty" if not question else "poll question length must not exceed 300")
    number = str(5_000_000_000_000_000_000 + next(world.numbers))
    kind = args.text("type") or "regular"
    poll: Json = {
        "id": number,
        "question": question,
        "options": _options(args),
        "total_voter_count": 0,
        "is_closed": args.boolean("is_closed"),
        "is_anonymous": args.boolean("is_anonymous", default=True),
        "type": kind,
        "allows_multiple_answers": args.boolean("allows_multiple_answers"),
        "allows_revoting": args.boolean("allows_revoting", default=kind != "quiz"),
        "members_only": args.boolean("members_only"),
    }
    if kind == "quiz":
        poll |= _quiz(args, len(poll["options"]))
    elif kind != "regular":
        raise bad_request("unsupported poll type specified")
    poll |= _period(world, args)
    stored = deliver(world, args, {"poll": poll}, chat_id=chat_id)
    world.polls[number] = Poll(poll, chat_id, stored.wire["message_id"])
    return stored.wire


def _options(args: Arguments) -> list[Json]:
    raw = args.sequence("options") or []
    texts = [_option(each) for each in raw]
    if not OPTIONS[0] <= len(texts) <= OPTIONS[1]:
        raise bad_request(f"poll must have from {OPTIONS[0]} to {OPTIONS[1]} options")
    return [{"persistent_id": str(place), "text": text, "voter_count": 0} for place, text in enumerate(texts)]


def _option(raw: Any) -> str:
    text = raw.get("text") if isinstance(raw, dict) else raw
    if not isinstance(text, str) or not text.strip():
        raise bad_request("poll options must be non-empty")
    if len(text.strip()) > OPTION_CHARS:
        raise bad_request("poll options length must not exceed 100")
    return text.strip()


def _quiz(args: Arguments, options: int) -> Json:
    correct = args.sequence("correct_option_ids")
    if correct is None and args.has("correct_option_id"):
        correct = [args.integer("correct_option_id")]
    if not correct or any(not isinstance(each, int) or not 0 <= each < options for each in correct):
        raise bad_request("wrong correct option ID specified")
    quiz: Json = {"correct_option_ids": correct}
    explanation = args.text("explanation")
    if len(explanation) > EXPLANATION_CHARS:
        raise bad_request("quiz explanation is too long")
    return quiz | {"explanation": explanation} if explanation else quiz


def _period(world: World, args: Arguments) -> Json:
    if args.has("open_period"):
        period = args.integer("open_period")
        if not OPEN_S[0] <= period <= OPEN_S[1]:
            raise bad_request("open period must be between 5 and 2628000 seconds")
        return {"open_period": period, "close_date": world.clock.date() + period}
    return {"close_date": args.integer("close_date")} if args.has("close_date") else {}


def stop_poll(world: World, args: Arguments) -> Json:
    """Close one of the bot's polls and return its result."""
    chat_id = writable_chat(world, args)
    stored = message_of(world, args, chat_id, missing="message with poll to stop not found")
    if "poll" not in stored.wire or not stored.by_bot:
        raise bad_request("message with poll to stop not found" if "poll" not in stored.wire else "poll can't be stopped")
    poll = world.polls[stored.wire["poll"]["id"]]
    if poll.wire["is_closed"]:
        raise bad_request("poll has already been closed")
    markup = checked(args.mapping("reply_markup"), private=chat_id > 0)
    return change_poll(world, poll, is_closed=True, reply_markup=markup)
