"""The health page on loopback: does anything wait for longer than it should?

Knows ages and counts, never words or names. `GET /health` answers 200 or 503 with JSON; `GET /metrics` is for Prometheus.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import orjson
import uvicorn

from bot.http.http_listener import listening
from bot.timers.clock import monotonic
from handlers.core.delivery_gate import COUNT as STOPPED
from handlers.core.next_post import COUNT as UNDELIVERABLE
from storage.engine.database import StorageFailed
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from bot.process.running import Running
    from storage.unit import Unit

JSON, TEXT = "application/json", "text/plain; charset=utf-8"
#: Figure → its meaning; the metrics have the same names after `tongxin_`.
FIGURES = {
    "inbox_waiting": "updates kept and not yet handled",
    "inbox_age_s": "age of the oldest of them, seconds",
    "inbox_parked": "updates set aside for a human",
    "outbox_waiting": "messages due and not yet sent",
    "outbox_age_s": "how long the oldest of them is due, seconds",
    "stranded": "messages and updates of channels that are not set up, or have not answered since the start: they wait",
    "outbox_soon": "messages due within five seconds, mostly after a failed try",
    "outbox_later": "messages whose time has not come, with these",
    "timers_overdue": "timers past their instant",
    "poll_age_s": "seconds since the server last answered a poll",
    "leads": "1 while this worker polls, lets time act and delivers; with several workers the others show 0",
    "audit_age_s": "seconds since every open case was last proven to have a next step (-1: not yet)",
    "audit_rearmed": "cases and other records that the last audit had to give a next step",
    "clock_drift_s": "the server's clock minus ours, seconds",
    "handled_total": "updates handled since the start",
    "sent_total": "messages sent since the start",
    "failed_total": "messages given up since the start",
    "undeliverable_total": "messages that fell past the last post: nobody could be told, ever since",
    "stopped_total": "messages stopped at the last moment: their receiver may not see what they are about, ever since",
    "throttled_total": "times the server asked to slow down",
    "ambiguous_total": "sends whose outcome is unknown",
    "repeats_possible": "messages in flight when the last process ended",
    "commits_total": "transactions committed since the start",
    "uptime_s": "seconds since the start",
}
#: Figure → the highest value before the page answers 503.
LIMITS = {
    "inbox_age_s": 60.0,
    "outbox_age_s": 300.0,
    "stranded": 0.0,
    "timers_overdue": 50.0,
    "poll_age_s": 150.0,
    "audit_age_s": 1800.0,
}


class HealthPage:
    """The health page's server: `async with HealthPage(engine)`; port 0 serves nothing."""

    def __init__(self, engine: Running) -> None:
        self._engine = engine
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        """Start serving.

        Raises:
            CannotStart: the port is not available.
        """
        section = self._engine.settings.health
        if section.port:
            listener = listening(section.host, section.port, who="The health page")
            config = uvicorn.Config(
                self.answer,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                interface="asgi3",
            )
            self._server = _Quiet(config)
            self._task = asyncio.create_task(self._server.serve([listener]), name="health")

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await asyncio.wait([self._task], timeout=3)

    async def answer(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request (ASGI): `GET /health`, `GET /metrics`, else 404 or 405."""
        pages = {"/health": self._health, "/metrics": self._metrics}
        page = pages.get(scope["path"])
        if page is None:
            status, kind, body = 404, TEXT, b"Not Found"
        elif scope["method"] not in ("GET", "HEAD"):
            status, kind, body = 405, TEXT, b"Method Not Allowed"
        else:
            status, kind, body = await page()
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _health(self) -> tuple[int, str, bytes]:
        try:
            figures = await measure(self._engine)
        except StorageFailed:
            return 503, JSON, orjson.dumps({"well": False, "worries": ["database"]})
        worries = [name for name, most in LIMITS.items() if figures[name] > most]
        return 503 if worries else 200, JSON, orjson.dumps({"well": not worries, "worries": worries, **figures})

    async def _metrics(self) -> tuple[int, str, bytes]:
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest  # only for metrics

        registry = CollectorRegistry()
        for name, value in (await measure(self._engine)).items():
            if name in FIGURES:
                Gauge(f"tongxin_{name}", FIGURES[name], registry=registry).set(value)
        return 200, CONTENT_TYPE_LATEST, generate_latest(registry)


async def measure(engine: Running) -> dict[str, Any]:
    """Return every figure of FIGURES, and `now` (ISO 8601), the time on the town's clock."""
    at = engine.clock.now()
    served = engine.delivery.served or ("",)

    async def load(unit: Unit) -> dict[str, Any]:
        inbox, outbox = await unit.inbox.count(channels=served), await unit.outbox.count(at=at, channels=served)
        audited = await unit.facts.find("audit.last_at")
        return {
            "inbox_waiting": inbox.get("waiting", 0),
            "inbox_parked": inbox.get("parked", 0) + inbox.get("quarantined", 0),
            "inbox_age_s": _age(inbox["oldest_at"], to_us(at)),
            "outbox_waiting": outbox["waiting"],
            "outbox_soon": outbox["soon"],
            "stranded": inbox.get("stranded", 0) + outbox["stranded"],
            "outbox_later": outbox["later"],
            "outbox_age_s": _age(outbox["oldest_at"], to_us(at)),
            "timers_overdue": await unit.timers.count_overdue(at=at),
            "audit_age_s": -1.0 if audited is None else (at - from_us(int(audited))).total_seconds(),
            "audit_rearmed": int(await unit.facts.find("audit.rearmed") or 0),
            "undeliverable_total": int(await unit.facts.find(UNDELIVERABLE) or 0),
            "stopped_total": int(await unit.facts.find(STOPPED) or 0),
        }

    now = monotonic()
    tally, leads = engine.delivery.tally, engine.leadership.leads
    return await engine.store.transact(load) | {
        "poll_age_s": round(
            max((now - receiver.pulse.answered_at for receiver in engine.receivers if leads or not receiver.polls), default=0.0), 1
        ),
        "leads": int(leads),
        "clock_drift_s": engine.clock.drift.total_seconds(),
        "handled_total": engine.handling.handled,
        "sent_total": tally.sent,
        "failed_total": tally.failed,
        "throttled_total": tally.throttled,
        "ambiguous_total": tally.ambiguous,
        "repeats_possible": engine.repeats,
        "commits_total": engine.store.database.commits,
        "uptime_s": round(now - engine.started_at, 1),
        "now": at.isoformat(),
    }


class _Quiet(uvicorn.Server):
    """A server that does not handle the process's signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Capture no signals."""
        yield


def _age(oldest: int, now: int) -> float:
    return 0.0 if not oldest else round((now - oldest) / 1_000_000, 1)
