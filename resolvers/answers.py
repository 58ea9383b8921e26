"""What functions answer with that is no record."""

from typing import Self

import strawberry


@strawberry.type(description="Whether something was done, and what a person should know of it.")
class ApiResponse:
    """The documented answer of functions that return no record."""

    success: bool = strawberry.field(description="Whether it was done.")
    message: str | None = strawberry.field(description="What was done, or that it was not.")
    data: str | None = strawberry.field(description="Id of the record it was done to.")
    error: str | None = strawberry.field(description="Why it was not done.")

    @classmethod
    def done(cls, message: str, data: str | None = None) -> Self:
        """It was done."""
        return cls(success=True, message=message, data=data, error=None)

    @classmethod
    def refused(cls, error: str) -> Self:
        """It was not done."""
        return cls(success=False, message="Nothing was changed.", data=None, error=error)
