"""Work that goes on beside the requests, turn after turn, whatever happens in one of them."""

from __future__ import annotations

import structlog

_log = structlog.get_logger()


class Turns:
    """Each turn is taken inside of it: `with turns:`.

    What nobody expected is logged with its traceback, once as long as each turn ends so; then comes the next turn.
    A task that is cancelled ends.
    """

    def __init__(self, work: str) -> None:
        self._work = work
        self._told = ""

    def __enter__(self) -> None:
        """Nothing is needed beforehand."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        """Log an error that came through, and go on."""
        if error is not None and not isinstance(error, Exception):
            return False
        told = repr(error) if error else ""
        if error and told != self._told:
            _log.error("work beside the requests failed, and goes on", work=self._work, exc_info=error)
        self._told = told
        return True
