"""Structured logs that never contain anything a person wrote.

Recognizes tokens, phone numbers and identity numbers. Invariant: libraries that log whole requests are silenced, and every remaining
record, exceptions included, is redacted.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

SECRETS = (
    (re.compile(r"(?<!\d)\d{3,12}:[A-Za-z0-9_-]{20,}"), "[token]"),
    (re.compile(r"(?<!\d)\d{17}[0-9Xx](?!\d)"), "[id]"),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "[phone]"),
    (
        re.compile(r"(?<!\d)(?:\+?86[- ]?)?(?:\(0[1-9]\d{1,2}\)|（0[1-9]\d{1,2}）|0[1-9]\d{1,2})[- ]?[2-9]\d{2,3}[- ]?\d{4}(?!\d)"),
        "[phone]",
    ),
)
NOISY = ("httpx", "httpcore", "telegram", "apscheduler", "uvicorn", "asyncio", "aiosqlite", "urllib3")


def redact(text: str) -> str:
    """Return the text without tokens, identity numbers and phones."""
    for pattern, mark in SECRETS:
        text = pattern.sub(mark, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts every record of the standard library's loggers, arguments and traceback too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; always let it pass."""
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info:
            record.exc_text = redact(trace(record.exc_info[1]))
            record.exc_info = None
        return True


def configure(level: str, *, json_lines: bool) -> None:
    """Set up both kinds of logging on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    show: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _safe_fault,
            _redacted,
            show,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def trace(fault: BaseException | None) -> str:
    """Return where a fault came from: exception types and lines of code.

    Messages are left out because they may quote people.
    """
    places: list[str] = []
    while fault is not None:
        places.append(type(fault).__name__)
        step = fault.__traceback__
        while step is not None:
            places.append(f"  {step.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{step.tb_lineno} {step.tb_frame.f_code.co_name}")
            step = step.tb_next
        fault = fault.__cause__
    return "\n".join(places)


def _safe_fault(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    fault = event.pop("exc_info", None)
    if fault is True:
        fault = sys.exc_info()[1]
    if isinstance(fault, BaseException):
        event["fault"] = trace(fault)
    return event


def _redacted(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}
