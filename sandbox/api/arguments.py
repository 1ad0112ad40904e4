"""Arguments of a Bot API call, independent of the request's encoding.

Form fields are strings (nested objects as JSON); JSON bodies have real types. Every getter raises 400 with the Bot API's description.
As in the Bot API, an absent and an empty argument mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.core.errors import bad_request
from sandbox.core.wire import loads_fast

if TYPE_CHECKING:
    from sandbox.core.wire import Json


@dataclass
class Upload:
    """A file part of a multipart body."""

    name: str
    mime_type: str
    data: bytes


class Arguments:
    """The named arguments of one call, and its files."""

    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        """Keep values and files."""
        self.values = values
        self.files = files or {}

    def has(self, name: str) -> bool:
        """Return whether a value was sent and is not empty."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(name)
        if value is None:
            return default
        if type(value) is str:
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        raise bad_request(f'parameter "{name}" must be a string')

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number of 64 bits."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be a number') from None
        if not -(2**63) <= number < 2**63:
            raise bad_request(f'parameter "{name}" is out of range')
        return number

    def number(self, name: str) -> float | None:
        """A number with a fraction, or None."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" must be a number') from None

    def boolean(self, name: str, default: bool = False) -> bool:
        """True for true, yes, 1."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        return str(value).strip().lower() in ("true", "yes", "1")

    def nested(self, name: str) -> Any:
        """An object or list, sent as such or as a JSON string; None when absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str | bytes):
            try:
                return loads_fast(value)
            except ValueError:
                raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
        return value

    def mapping(self, name: str) -> Json | None:
        """A nested object, or None."""
        value = self.nested(name)
        if value is None or isinstance(value, dict):
            return value
        raise bad_request("object expected as " + name.replace("_", " "))

    def sequence(self, name: str) -> list[Any] | None:
        """A nested list, or None."""
        value = self.nested(name)
        if value is None or isinstance(value, list):
            return value
        raise bad_request(f'parameter "{name}" must be an array')
