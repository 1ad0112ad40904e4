"""JSON as it goes over the wire: fast where orjson can, exact where it cannot (2**70, lone surrogates in nonsense)."""

from __future__ import annotations

import json
from typing import Any

import orjson

Json = dict[str, Any]


def dumps(value: object) -> bytes:
    """Encode a value; what orjson refuses (2**70, a lone surrogate) is written by the standard library."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def loads(data: bytes | str) -> Any:
    """Decode a value exactly; raise `ValueError` for anything that is not JSON."""
    return json.loads(data)


def loads_fast(data: bytes | str) -> Any:
    """Decode a value where 64-bit numbers are enough; raise `ValueError` for anything that is not JSON."""
    return orjson.loads(data)
