"""Check a webhook's public address and secret.

Knows which addresses Telegram calls; must not know where a setting comes from. Invariant: an address holds no secret, because
addresses are written into many logs, and no fault quotes the value that it is about.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

TELEGRAM = "api.telegram.org"
PORTS = (443, 80, 88, 8443)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def faults_of_secret(secret: str) -> Iterator[str]:
    """Yield what is wrong with a secret by Telegram's rules."""
    if not SECRET.fullmatch(secret):
        yield "the webhook's secret must be 1 to 256 letters A-Z and a-z, digits, _ and -"


def faults_of_address(url: str, *, base_url: str) -> Iterator[str]:
    """Yield the reasons why the server behind `base_url` cannot call `url`.

    A self-hosted server may call any address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        whole = bool(parts.hostname) and parts.scheme in ("http", "https")
    except ValueError:
        whole = False
    if not whole:
        yield "webhook.url is no address, for example https://bot.example.org/telegram"
        return
    if parts.username or parts.password or parts.query or parts.fragment:
        yield "webhook.url must be a plain address: no name before the host, no ? and no #"
    if urlsplit(base_url).hostname != TELEGRAM or parts.hostname in LOOPBACK:
        return
    if parts.scheme != "https":
        yield "webhook.url must begin with https://, because Telegram calls nothing else"
    elif port not in PORTS:
        yield "webhook.url must have port 443, 80, 88 or 8443, because Telegram calls no other"
