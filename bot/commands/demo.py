"""`make demo`: the sandbox with its page of phones, a sample town, and the production bot.

Knows how to start two processes and give each the other's address; the bot reaches the sandbox over HTTP only.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

HERE = Path(__file__).resolve().parents[2]
TOWN = Path(__file__).with_name("demo_town.yaml")


def show(*, host: str, port: int) -> int:
    """Run the demo until Ctrl+C; return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that SIGTERM stops both processes
    town = yaml.safe_load(TOWN.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="tongxin-demo-") as folder:
        world, roster = Path(folder) / "world.yaml", Path(folder) / "roster.yaml"
        world.write_text(yaml.safe_dump(town["world"], allow_unicode=True), encoding="utf-8")
        roster.write_text(yaml.safe_dump(town["roster"], allow_unicode=True), encoding="utf-8")
        environment = _environment(Path(folder), port, token=f"123456:{secrets.token_urlsafe(24)}")
        page = f"http://{host}:{port}/"
        sandbox = [sys.executable, "-m", "sandbox", "--host", host, "--port", str(port), "--world", str(world)]
        with _running(sandbox, environment) as phones:
            if not _answers(page, phones):
                typer.echo(f"The page could not be opened on port {port}. Is the port in use? Try: make demo PORT=8081", err=True)
                return 1
            roster_import = [sys.executable, "-m", "bot", "import-roster", str(roster)]
            imported = subprocess.run(roster_import, env=environment, cwd=HERE, stdout=subprocess.DEVNULL, check=False)
            if imported.returncode:
                return imported.returncode
            with _running([sys.executable, "-m", "bot", "run"], environment) as bot:
                _set_scene(page, town["opening"])
                typer.echo(f"\n  同心 Tongxin: open {page} in a browser.  Ctrl+C stops it.\n")
                return _wait(phones, bot)


def _environment(folder: Path, port: int, *, token: str) -> dict[str, str]:
    """Return the environment of both processes."""
    return os.environ | {
        "TONGXIN_CONFIG": os.devnull,
        "TONGXIN_TELEGRAM__TOKEN": token,
        "SANDBOX_TOKEN": token,
        "TONGXIN_TELEGRAM__BASE_URL": f"http://127.0.0.1:{port}/bot",
        "TONGXIN_DATABASE__URL": f"sqlite:///{folder / 'town.db'}",
        "TONGXIN_CLOCK__SOURCE": "channel",
        "TONGXIN_HEALTH__PORT": "0",
        "TONGXIN_BACKUP__FOLDER": str(folder / "backups"),
        "TONGXIN_LOGGING__LEVEL": "WARNING",
        "TONGXIN_ADMINS": "[900001]",
        "TONGXIN_FEATURES__LOST_FOUND": "true",
    }


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, cwd=HERE)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def _answers(page: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the page answers; False when its process ended or fifteen seconds passed."""
    for _ in range(150):
        if process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(page, timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _set_scene(page: str, opening: list[dict[str, Any]]) -> None:
    """Prepare the town: people with posts open the bot and bind the village group.

    They would have done so before this evening.
    """
    for step in opening:
        call, body = next(iter(step.items()))
        request = urllib.request.Request(f"{page}control/{call}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10):
            pass


def _wait(*processes: subprocess.Popen[bytes]) -> int:
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.3)
    except KeyboardInterrupt:
        return 0
    return 1
