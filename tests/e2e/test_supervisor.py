"""Bots forked by a supervisor behave like executed ones, and end with their parent."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.process import Bot
from tests.supervisor import Died, Supervisor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("arguments", [("run",), ("check",), ("cases", "--no-such-option")], ids=["run", "check", "usage"])
async def test_forked_bot_ends_and_prints_like_an_executed_one_when_it_is_refused(tmp_path: Path, arguments: tuple[str, ...]):
    said = []
    for by_exec in (False, True):
        bot = Bot("http://127.0.0.1:1", "123456:SANDBOX", tmp_path, {"TONGXIN_TELEGRAM__TOKEN": ""}, by_exec=by_exec)
        code, printed = await bot.command(*arguments)
        said.append((code, printed))
    assert said[0] == said[1]
    assert said[0][0] in (1, 2)
    assert said[0][1]


async def test_forked_bot_is_killed_when_its_parent_is_gone(tmp_path: Path):
    supervisor = Supervisor.executed()
    bot = Bot("http://127.0.0.1:1", "123456:SANDBOX", tmp_path)  # no server listens there, so the bot waits
    pid = supervisor.start(("run",), bot.environment, str(tmp_path / "bot.log"))
    os.kill(pid, 0)
    await asyncio.to_thread(supervisor.close)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_supervisor_returns_exit_status_when_child_was_killed_or_failed(tmp_path: Path):
    supervisor = Supervisor.executed()
    environment = dict(os.environ) | {"TONGXIN_TELEGRAM__TOKEN": "", "TONGXIN_CONFIG": os.devnull}
    try:
        with pytest.raises(Died):
            supervisor.kills(("run",), environment, str(tmp_path / "log"))
        pid = supervisor.start(("run",), environment | {"TONGXIN_TELEGRAM__TOKEN": "1:a"}, str(tmp_path / "log"))
        os.kill(pid, signal.SIGKILL)
        assert supervisor.status(pid, wait=True) == signal.SIGKILL
    finally:
        supervisor.close()
