"""The target of a request: server, proxy and the beginning of the request's head.

Knows URLs and the proxies that the environment names; must not know sockets. Invariant: credentials of a proxy go to that proxy and nowhere
else.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

PORTS = {"http": 80, "https": 443}


class Proxy(NamedTuple):
    """An HTTP proxy; `credentials` as in a `Proxy-Authorization` header, or empty."""

    host: str
    port: int
    credentials: str


class Place(NamedTuple):
    """The server at the end of a connection, and the proxy on the way."""

    host: str
    port: int
    secure: bool
    proxy: Proxy | None


@dataclass(frozen=True, slots=True)
class Target:
    """The destination of a request, and the beginning of its head."""

    place: Place
    head: bytes


def target_of(method: str, url: str, content_type: str) -> Target:
    """Return the target of a request to a URL, through the proxy that the environment names.

    Raises:
        ValueError: the URL cannot be requested.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("not an address of a server")
    proxy = _proxy_for(parts.scheme, parts.netloc)
    place = Place(parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "https", proxy)
    host = parts.netloc.rpartition("@")[2]
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe='/?%:@!$&()*+,;=~-._')}" if parts.query else ""
    )
    lines = [f"{method} {path if proxy is None or place.secure else f'http://{host}{path}'} HTTP/1.1", f"Host: {host}"]
    lines += ["User-Agent: Tongxin", "Accept: */*", "Accept-Encoding: identity"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += _credentials_of(proxy) if not place.secure else []
    return Target(place, "\r\n".join([*lines, "Content-Length: "]).encode("ascii"))


def _proxy_for(scheme: str, netloc: str) -> Proxy | None:
    """Return the proxy that the environment names."""
    named = None if proxy_bypass(netloc) else getproxies().get(scheme)
    if not named:
        return None
    parts = urlsplit(named if "://" in named else f"http://{named}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError("not an HTTP proxy")
    user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return Proxy(parts.hostname, parts.port or 80, base64.b64encode(user.encode()).decode() if parts.username else "")


def _credentials_of(proxy: Proxy | None) -> list[str]:
    return [f"Proxy-Authorization: Basic {proxy.credentials}"] if proxy is not None and proxy.credentials else []


def connect_request(place: Place) -> bytes:
    """Return the request that asks a proxy for a tunnel to a place."""
    where = f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"
    return "\r\n".join([f"CONNECT {where} HTTP/1.1", f"Host: {where}", *_credentials_of(place.proxy), "", ""]).encode("ascii")
