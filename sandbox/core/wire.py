"""JSON encoding: orjson where it can, else the standard library.

orjson refuses numbers like 2**70 and lone surrogates, which raw updates may contain.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

Json = dict[str, Any]


def dumps(value: object) -> bytes:
    """Encode a value. The standard library encodes values that orjson refuses."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def loads(data: bytes | str) -> Any:
    """Decode a value exactly. Raise `ValueError` if it is not JSON."""
    return json.loads(data)


def loads_fast(data: bytes | str) -> Any:
    """Decode a value with 64-bit numbers. Raise `ValueError` if it is not JSON."""
    return orjson.loads(data)
