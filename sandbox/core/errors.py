"""Errors that the sandbox answers.

`Refusal` is either an `ApiError` (the Bot API answers `"ok": false`) or a `ControlError` (`{"error": …}`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.core.wire import Json


class Refusal(Exception):
    """Base class: the request was understood and is refused."""


class ApiError(Refusal):
    """A Bot API error: HTTP status, description, and parameters for 429 and migrations."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        """Keep the values of the answer's body."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    @property
    def body(self) -> Json:
        """The answer's JSON object."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class ControlError(Refusal):
    """A refused control call: status 400, or 404 if the object does not exist."""

    def __init__(self, message: str, status: int = 400) -> None:
        """Keep the sentence and the status."""
        super().__init__(message)
        self.message = message
        self.status = status


def bad_request(what: str) -> ApiError:
    """Return a 400 with the Bot API's prefix."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """Return a 403 with the Bot API's prefix."""
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    """Return a 409 with the Bot API's prefix."""
    return ApiError(409, f"Conflict: {what}")


def too_many(retry_after_s: int) -> ApiError:
    """Return a 429 with the seconds to wait."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})


def missing(what: str) -> ControlError:
    """Return a 404 of the control API."""
    return ControlError(f"no such {what}", 404)
