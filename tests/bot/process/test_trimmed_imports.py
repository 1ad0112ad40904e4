"""Libraries that the running bot does not keep in memory."""

from __future__ import annotations

import subprocess
import sys

LARGE = {"aiohttp", "cryptography", "phonenumbers", "python_calamine", "rich", "segno", "starlette", "telegram"}
LOADED = f"import sys; print(sorted({LARGE} & sys.modules.keys()))"
ENGINE = "from bot.process.trimmed_imports import import_libraries; import_libraries(); import bot.process.engine; "


def test_the_running_bot_loads_no_library_that_it_does_not_need():
    assert python(ENGINE + LOADED) == "['telegram']"


def test_a_library_that_was_kept_away_is_there_for_whoever_needs_it():
    assert python(ENGINE + "import cryptography.fernet, rich.console; " + LOADED) == "['cryptography', 'rich', 'telegram']"


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
