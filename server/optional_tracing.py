"""Traces, where they are wanted and their packages are there."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from server.failures import StartFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from server.config import Settings
    from server.tracing import Tracing


class PackagesMissing(StartFailure):
    """Traces are wanted, and their packages are not there."""


@asynccontextmanager
async def tracing(settings: Settings) -> AsyncIterator[Tracing | None]:
    """What makes traces meanwhile, if they are wanted."""
    make = tracing_maker(settings)
    made = make() if make else None
    try:
        yield made
    finally:
        if made:
            await made.close()


def tracing_maker(settings: Settings) -> Callable[[], Tracing] | None:
    """What begins to make traces, if they are wanted. Raises `PackagesMissing`."""
    if settings.otlp_endpoint is None:
        return None
    try:
        from server.tracing import exporting  # noqa: PLC0415 (its packages need not be there)
    except ModuleNotFoundError as error:
        raise PackagesMissing(
            "MES_ORDERS_OTLP_ENDPOINT asks for traces, and the packages for them are not installed: they come with "
            "pip install 'mes-orders[tracing]'."
        ) from error
    return partial(exporting, settings.otlp_endpoint)
