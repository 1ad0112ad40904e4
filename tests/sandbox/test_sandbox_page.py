"""The control API and the page refuse other origins; events, reset and the world file."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

import pytest

from sandbox.__main__ import arguments, main, random_token
from sandbox.core.errors import ControlError
from sandbox.world.world import World
from sandbox.world.worldfile import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.client import SandboxClient


async def test_other_hosts_origins_and_content_types_are_refused(client: SandboxClient):
    json_type = {"content-type": "application/json"}
    refused = [
        await client.http.get("/control/state", headers={"host": "evil.example"}),
        await client.http.get("/", headers={"host": "127.0.0.1.evil.example:80"}),
        await client.http.post("/control/reset", content="{}", headers=json_type | {"origin": "http://evil.example"}),
        await client.http.post("/control/reset", content="{}", headers=json_type | {"origin": "null"}),
        await client.http.post("/control/reset", content="{}", headers=json_type | {"sec-fetch-site": "cross-site"}),
        await client.http.post("/control/reset", content="{}", headers={"content-type": "text/plain"}),
        await client.http.post("/control/reset"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403, 403, 403, 415, 415]
    own = await client.http.post("/control/reset", content="{}", headers=json_type | {"origin": client.url})
    assert own.status_code == 200


async def test_bot_api_refuses_other_hosts_and_web_pages(client: SandboxClient):
    """S-18: a web page open beside the demo neither reads nor steers the bot."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    json_type = {"content-type": "application/json"}
    bot = f"/bot{client.world.token}"
    refused = [
        await client.http.get(f"{bot}/getMe", headers={"host": "evil.example"}),
        await client.http.get(f"/file{bot}/photos/1", headers={"host": "evil.example"}),
        await client.http.post(f"{bot}/setWebhook", content="url=http://127.0.0.1:1", headers=form | {"origin": "http://evil.example"}),
        await client.http.post(f"{bot}/setWebhook", content="{}", headers=json_type | {"origin": "null"}),
        await client.http.get(f"{bot}/getMe", headers={"sec-fetch-site": "cross-site"}),
        await client.http.post(f"{bot}/setWebhook", content="url=http://127.0.0.1:1", headers=form | {"origin": client.url}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403, 403, 403, 415]
    assert client.world.webhook.url == ""
    own = await client.http.post(f"{bot}/getMe", content="{}", headers=json_type | {"origin": client.url})
    assert own.json()["ok"]
    assert (await client.http.post(f"{bot}/getMe", content="", headers=form)).json()["ok"], "a client that is no browser may send a form"


def test_sandbox_without_a_token_has_another_one_at_each_start():
    first, second = random_token(), random_token()
    assert first != second
    assert re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{32}", first)
    assert arguments([]).token == ""


async def test_page_responses_have_strict_headers(client: SandboxClient):
    for path in ("/", "/control/state", "/static/none.js"):
        headers = (await client.http.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


async def test_event_stream_resumes_after_last_event(client: SandboxClient):
    await client.person()
    seen = []
    async with asyncio.timeout(5), client.http.stream("GET", "/control/events?after=1") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
                if seen[-1]["kind"] == "user" and seen[-1]["user"]["first_name"] == "新人":
                    break
                if seen[-1]["kind"] == "message":
                    await client.does("users", first_name="新人")
    assert [event["seq"] for event in seen] == list(range(2, 2 + len(seen)))
    async with (
        asyncio.timeout(5),
        client.http.stream("GET", "/control/events", headers={"last-event-id": str(seen[-1]["seq"] - 1)}) as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                assert json.loads(line.removeprefix("data: ")) == seen[-1]
                break


async def test_reset_removes_people_and_keeps_bot(client: SandboxClient):
    wang = await client.person()
    await client.does("clock", advance_s=99)
    offset = client.world.updates.next_id
    await client.does("reset")
    li = await client.person("李四")
    assert li > wang
    await client.does("messages", user=li, chat=li, text="新")
    assert len(await client.calls("getUpdates", offset=offset)) == 1
    await client.does("reset")
    state = (await client.http.get("/control/state")).json()
    assert (state["users"], state["offset_s"], state["pending"], state["bot"]["id"]) == ([], 0.0, 0, 123456)
    assert await client.refusal("sendMessage", chat_id=wang, text="x") == "Bad Request: chat not found"
    log = (await client.http.get("/control/log")).json()
    assert log["events"][0]["kind"] == "reset"
    assert log["events"][0]["seq"] > 5


async def test_events_do_not_contain_token(client: SandboxClient):
    await client.raw("getMe")
    await client.http.post("/bot123456:WRONG/sendMessage", data={"chat_id": "1"})
    assert "SANDBOX" not in (await client.http.get("/control/log")).text


def test_world_file_fills_world(tmp_path: Path):
    file = tmp_path / "village.yaml"
    file.write_text(
        "users:\n- {id: 11, first_name: 老王, language_code: zh, phone: '+8613800138000', title: 村民}\n"
        "groups:\n- {id: -100, title: 村, type: group, members: [11], admins: [11], with_bot: true}\nphones: [11, -100]\n",
        encoding="utf-8",
    )
    world = World()
    load(world, file)
    assert world.persons[11].state()["title"] == "村民"
    assert world.groups[-100].bot == "member"
    assert world.phones == [11, -100]
    assert len(world.updates.queue) == 1
    file.write_text("people: []", encoding="utf-8")
    with pytest.raises(ControlError):
        load(World(), file)


def test_sandbox_refuses_to_listen_on_public_address(capsys: pytest.CaptureFixture[str]):
    assert main(["--host", "0.0.0.0"]) == 2  # noqa: S104 - refused, that is the point
    assert "loopback" in capsys.readouterr().err
