"""The one exception of the client."""

from __future__ import annotations


class MesError(Exception):
    """What was asked for was not done: `code` is for the program, the text for a person."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        violations: dict[str, list[str]] | None = None,
        path: list[str | int] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.violations = violations or {}
        self.path = path
        self.request_id = request_id

    def __str__(self) -> str:
        lines = [f"{self.code}: {self.message}", *self._violations_not_yet_told()]
        if self.request_id:
            lines.append(f"(request {self.request_id})")
        return "\n".join(lines)

    def _violations_not_yet_told(self) -> list[str]:
        violations = [(field, text) for field, texts in self.violations.items() for text in texts]
        return [
            f"  {field} {text}" for field, text in violations if field not in self.message or text not in self.message
        ]
