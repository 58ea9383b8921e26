"""What can go wrong that the caller can do something about; each has a code that reaches the client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

LONGEST_ECHO = 64
"""How many characters of a caller's value are told back."""


class Failure(Exception):  # noqa: N818 (the exceptions are words for the event)
    """Something the caller can do something about, told in one sentence."""

    code: ClassVar[str]

    @property
    def extensions(self) -> dict[str, Any]:
        """What a program needs to know beside the sentence, with the code."""
        return {"code": self.code}


class Unsaved(Failure):
    """What a save refuses: a sentence, and what is wrong by the documented names of the fields."""

    def __init__(self, message: str, violations: dict[str, list[str]]) -> None:
        super().__init__(message)
        self.violations = violations

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and a list of messages for each wrong field."""
        return {"code": self.code, **({"violations": self.violations} if self.violations else {})}


class NotFound(Unsaved):
    """The record that should be changed is not there."""

    code = "NOT_FOUND"


class Conflict(Unsaved):
    """The change collides with what another caller has stored.

    Where that is a later version of the record, it is told which, and the fields in which the change differs from it.
    """

    code = "CONFLICT"

    def __init__(
        self,
        message: str,
        violations: dict[str, list[str]],
        current_version: int | None = None,
        differing_fields: Sequence[str] = (),
    ) -> None:
        super().__init__(message, violations)
        self._current_version = current_version
        self._differing_fields = differing_fields

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, what is wrong by field, and what is known of the later version."""
        if self._current_version is None:
            return super().extensions
        later = {"currentVersion": self._current_version, "differingFields": list(self._differing_fields)}
        return {**super().extensions, **later}


class InUse(Failure):
    """Other records refer to the one that should be deleted."""

    code = "IN_USE"


class Timeout(Failure):
    """The database took longer than allowed."""

    code = "TIMEOUT"


class ServiceUnavailable(Failure):
    """The database cannot answer now; the same request may succeed later."""

    code = "SERVICE_UNAVAILABLE"

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and that trying again makes sense."""
        return {"code": self.code, "retryable": True}


class Collision(ServiceUnavailable):
    """The change got in the way of others, and the database took it back: it was not this one's fault."""


class Unconfirmed(ServiceUnavailable):
    """Whether a change is stored, or safe where it is stored, is not known."""

    def __init__(self, told: str) -> None:
        super().__init__(
            f"{told} Send it again with its Idempotency-Key; without one, look first whether it is stored."
        )
        self.told = told


class Forbidden(Failure):
    """The caller lacks a permission."""

    code = "FORBIDDEN"

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission {permission}.")
        self.permission = permission

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and the permission that is lacking."""
        return {"code": self.code, "permission": self.permission}


class Invalid(Unsaved):
    """Fields of the input are wrong: every one of them, by its documented name."""

    code = "BAD_USER_INPUT"

    def __init__(self, violations: dict[str, list[str]]) -> None:
        told = "; ".join(f"{field} {message}" for field, messages in violations.items() for message in messages)
        super().__init__(f"The input is not valid: {told}.", violations)
