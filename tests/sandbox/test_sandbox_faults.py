"""429 with real buckets, injected faults, and outages."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from sandbox.errors import ApiError
from sandbox.limits import Limits

if TYPE_CHECKING:
    from tests.sandbox.client import SandboxClient


def passed(limits: Limits, calls: list[tuple[int, float]]) -> list[int]:
    """0 for a call that passes, the seconds to wait otherwise."""
    answers = []
    for chat, now in calls:
        try:
            limits.spend(chat, now=now)
            answers.append(0)
        except ApiError as error:
            answers.append((error.parameters or {})["retry_after"])
    return answers


def test_five_at_once_then_one_a_second_in_a_private_chat():
    calls = [(7, 100.0)] * 6 + [(7, 100.5), (7, 101.0), (7, 101.1), (7, 110.0)]
    assert passed(Limits(), calls) == [0, 0, 0, 0, 0, 1, 1, 0, 1, 0]


def test_twenty_a_minute_in_a_group():
    assert passed(Limits(), [(-7, 100.0)] * 22 + [(-7, 103.1), (-7, 103.2)]) == [0] * 20 + [3, 3, 0, 3]


def test_thirty_a_second_over_all_and_refused_calls_cost_nothing():
    everybody = [(chat, 100.0) for chat in range(1, 100)]
    assert passed(Limits(), everybody) == [0] * 30 + [1] * 69
    limits = Limits()
    passed(limits, everybody)
    assert passed(limits, [(chat, 100.2) for chat in range(200, 210)]) == [0] * 6 + [1] * 4


async def test_too_many_messages_are_answered_with_429_and_seconds(paced: SandboxClient):
    wang = (await paced.does("users", first_name="老王"))["id"]
    await paced.does("starts", user=wang)
    answers = [await paced.raw("sendMessage", chat_id=wang, text=str(number)) for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    body = answers[-1].json()
    assert body == {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {body['parameters']['retry_after']}",
        "parameters": {"retry_after": 1},
    }
    assert len(await paced.events("message")) == 6
    await paced.does("faults", limits={"enabled": False})
    await paced.calls("sendMessage", chat_id=wang, text="x")


async def test_forced_wait_lasts_until_the_clock_has_moved(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    await client.does("faults", retry_after={str(wang): 3600})
    problem = await client.refusal("sendMessage", chat_id=wang, text="x")
    assert problem == "Too Many Requests: retry after 3600"
    await client.calls("sendMessage", chat_id=li, text="x")
    await client.does("clock", advance_s=3600)
    await client.calls("sendMessage", chat_id=wang, text="x")


@pytest.mark.parametrize(
    ("mode", "status", "sent"),
    [("500", 500, 0), ("502_html", 502, 0), ("garbage", 200, 0), ("truncated", 200, 1), ("no_result", 200, 1), ("error", 401, 0)],
)
async def test_trouble_strikes_once(client: SandboxClient, mode: str, status: int, sent: int):
    wang = await client.person()
    await client.does("faults", mode=mode, times=1, method="sendMessage", error_code=401, description="Unauthorized")
    assert (await client.raw("getMe")).status_code == 200
    answer = await client.raw("sendMessage", chat_id=wang, text="x")
    assert answer.status_code == status
    if mode in ("502_html", "garbage", "truncated"):
        with pytest.raises(ValueError, match=r".+"):
            json.loads(answer.content)
    else:
        assert "result" not in answer.json()
    assert len(await client.events("message")) == 1 + sent
    await client.calls("sendMessage", chat_id=wang, text="x")


async def test_trouble_of_one_chat_leaves_the_others_alone(client: SandboxClient):
    wang, li = await client.person(), await client.person("李四")
    await client.does("faults", mode="500", chat=wang)
    assert [(await client.raw("sendMessage", chat_id=chat, text="x")).status_code for chat in (wang, li, wang)] == [500, 200, 500]
    await client.does("faults", mode="none")
    await client.calls("sendMessage", chat_id=wang, text="x")


async def test_unlikely_trouble_strikes_now_and_then(client: SandboxClient):
    wang = await client.person()
    await client.does("faults", mode="500", probability=0.5, seed=3)
    answers = {(await client.raw("sendMessage", chat_id=wang, text=str(number))).status_code for number in range(40)}
    assert answers == {200, 500}


@pytest.mark.parametrize(("mode", "sent"), [("hang", 0), ("deliver_then_hang", 1)])
async def test_hanging_answer_comes_late_or_never(client: SandboxClient, mode: str, sent: int):
    wang = await client.person()
    await client.does("faults", mode=mode, times=1)
    with pytest.raises(httpx.ReadTimeout):
        await client.http.post("/bot123456:SANDBOX/sendMessage", json={"chat_id": wang, "text": "x"}, timeout=0.2)
    assert len(await client.events("message")) == 1 + sent
    await client.does("faults", mode=mode, times=1, delay_s=0.05)
    began = time.monotonic()
    assert (await client.raw("getMe")).status_code == 504
    assert time.monotonic() - began >= 0.05


async def test_connection_is_cut_in_the_middle_or_at_once(client: SandboxClient):
    wang = await client.person()
    await client.does("faults", mode="cut", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await client.raw("sendMessage", chat_id=wang, text="x")
    assert len(await client.events("message")) == 2
    await client.does("faults", down=True)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await client.raw("getMe")
    assert (await client.http.get("/control/state")).json()["down"] is True
    await client.does("faults", down=False)
    await client.calls("getMe")


async def test_misspelt_faults_are_refused(client: SandboxClient):
    assert "unknown" in await client.cannot("faults", modus="500")
    assert "mode is one of" in await client.cannot("faults", mode="503")
    assert "not understood" in await client.cannot("faults", limits={"global_per_s": 0})


async def test_album_passes_whole_or_not_at_all(paced: SandboxClient):
    wang = (await paced.does("users", first_name="老王"))["id"]
    await paced.does("starts", user=wang)
    photo = (await paced.does("messages", user=wang, chat=wang, photo={"size": 1}))["photo"][-1]["file_id"]
    for number in range(3):
        await paced.calls("sendMessage", chat_id=wang, text=str(number))
    before = len(await paced.events("message"))
    problem = await paced.refusal("sendMediaGroup", chat_id=wang, media=[{"type": "photo", "media": photo}] * 4)
    assert problem == "Too Many Requests: retry after 2"
    assert len(await paced.events("message")) == before
