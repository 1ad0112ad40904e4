"""The rate limiter: each action counts once, per minute, and is then forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.handling.rate_limiter import RateLimiter
from domain.core.change import Address, ChatId

XU, ZHEN = Address("telegram", ChatId(1)), Address("telegram", ChatId(2))
MORNING = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def places(tempo: RateLimiter, who: Address, causes: list[str], at: datetime = MORNING, limit: int = 3) -> list[int]:
    return [tempo.place(who, cause, limit=limit, at=at) for cause in causes]


def test_each_doing_has_its_place_and_each_person_their_own():
    tempo = RateLimiter()
    assert places(tempo, XU, ["a", "b", "c"]) == [1, 2, 3]
    assert places(tempo, ZHEN, ["d"]) == [1]


def test_a_unit_that_is_run_again_keeps_its_place():
    tempo = RateLimiter()
    assert places(tempo, XU, ["a", "b", "a", "b", "c"]) == [1, 2, 1, 2, 3]
    assert places(tempo, XU, ["d", "e", "d"]) == [4, 5, 4]


def test_a_flood_takes_no_room():
    tempo = RateLimiter()
    assert places(tempo, XU, [str(number) for number in range(1000)])[-1] == 5
    assert sum(map(len, tempo._done.values())) == 4


def test_the_next_minute_begins_anew_also_when_the_clock_was_set_back():
    tempo = RateLimiter()
    for at in (MORNING, MORNING + timedelta(minutes=1), MORNING - timedelta(days=1)):
        assert places(tempo, XU, ["a", "b"], at) == [1, 2]
        assert not [who for who in tempo._done if who != XU]
