"""Logs: no token, phone or identity number, at any level, from any logger."""

from __future__ import annotations

import logging

import pytest
import structlog

from bot.process.logs import configure, redact

CANARIES = (
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "13812345678",
    "+86 138-1234-5678",
    "330784199001011234",
    "33078419900101123X",
    "0579-85551234",
    "(0579) 8555 1234",
    "010-62345678",
    "+86 0571 87654321",
    "05798555123",
)


@pytest.fixture(autouse=True)
def restored():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize("canary", CANARIES)
def test_secrets_are_redacted_and_the_rest_is_not(canary):
    assert canary not in redact(f"before {canary} after")
    assert redact(f"before {canary} after").startswith("before ")
    assert redact("case 1024 at 1765432100123456") == "case 1024 at 1765432100123456"


@pytest.mark.parametrize("json_lines", [True, False])
def test_nothing_leaks_at_debug(capsys, json_lines):
    configure("DEBUG", json_lines=json_lines)
    for canary in CANARIES:
        logging.getLogger("anything").debug("calling %s", f"https://host/bot{canary}/getMe")
        logging.getLogger("httpx").info("GET %s", canary)
        structlog.get_logger("ours").info("happened", detail=canary)
        try:
            raise ValueError(f"could not store {canary}")
        except ValueError:
            logging.getLogger("anything").exception("failed %s", canary)
            structlog.get_logger("ours").error("failed", exc_info=True)
    said = capsys.readouterr().err
    assert "happened" in said
    assert "test_nothing_leaks_at_debug" in said
    assert not [canary for canary in CANARIES if canary in said]
