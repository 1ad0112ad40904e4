"""Where a request goes: the server of a URL, the proxy that the environment names for it, and how the request's head begins.

Knows URLs and proxies; must not know sockets. Invariant: credentials of a proxy go to that proxy and nowhere else.
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
    """Where a connection leads, and through which proxy."""

    host: str
    port: int
    secure: bool
    proxy: Proxy | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, and how its head begins."""

    place: Place
    head: bytes


def target_of(method: str, url: str, content_type: str) -> Target:
    """Return where a request to a URL goes, through the proxy that the environment names for it.

    Raises:
        ValueError: the URL is none that can be asked.
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
    """Return what is said to a proxy that shall let us through to a place."""
    where = f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"
    return "\r\n".join([f"CONNECT {where} HTTP/1.1", f"Host: {where}", *_credentials_of(place.proxy), "", ""]).encode("ascii")
