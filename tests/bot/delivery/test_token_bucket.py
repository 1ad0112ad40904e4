"""The pace: no bucket is ever broken, and a hold holds one chat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.token_bucket import Pace


def pace() -> Pace:
    return Pace(per_second=28, chat_per_second=1, chat_burst=3, group_per_minute=19)


@given(st.lists(st.sampled_from([1, 2, 3, -5]), min_size=30, max_size=120))
def test_no_limit_is_ever_broken(chats):
    limiter, now, sent = pace(), 1000.0, []
    for chat in chats:
        now = max(now, limiter.channel_ready_at(now), limiter.chat_ready_at(chat, now))
        limiter.take(chat, now)
        sent.append((now, chat))
    for at, chat in sent:
        window = [(when, to) for when, to in sent if at <= when < at + 1 - 1e-6]
        assert len(window) <= 30
        if chat > 0:
            assert sum(to == chat for _, to in window) <= 4
        else:
            assert sum(to == chat and at <= when < at + 60 - 1e-6 for when, to in sent) <= 22


def test_a_hold_on_one_chat_holds_no_other():
    limiter = pace()
    limiter.hold(1, 1060.0)
    assert limiter.chat_ready_at(1, 1000.0) == 1060.0
    assert limiter.chat_ready_at(2, 1000.0) == 1000.0


def test_lateness_is_made_up_and_costs_none_of_the_pace():
    limiter, now, late = pace(), 1000.0, 0.004
    for _ in range(2800):
        now = limiter.channel_ready_at(now) + late
        limiter.take(1, now)
    assert now - 1000.0 < 2800 / 28 + 0.1
