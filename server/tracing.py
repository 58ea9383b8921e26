"""Traces for OpenTelemetry: of each request, and of the statements that it takes.

Its packages are an extra, so this is imported only where traces are wanted.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING, Any

import asyncpg
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv.attributes import db_attributes as db
from opentelemetry.semconv.attributes import http_attributes as http
from opentelemetry.semconv.attributes import url_attributes as url
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from server.errors import server_failed, worst
from server.notes import NOTES, note, without_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SENT = (b"traceparent", b"tracestate")
"""The headers by which a caller says which trace a request belongs to."""
_LONGEST_STATEMENT = 2_000
"""Characters of a statement that are told: its beginning says what it is."""
_PATIENCE = 3
"""Seconds that a collector may take: a server that is told to stop waits for it, too."""
_context = TraceContextTextMapPropagator()


def exporting(endpoint: str) -> Tracing:
    """Traces that go to a collector, a few seconds later."""
    resource = Resource.create({"service.name": "mes-orders", "service.version": version("mes-orders")})
    # It ends with the worker, in `close`.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=_PATIENCE)))
    return Tracing(provider)


class Tracing:
    """Makes the spans of an application and of its connections."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("mes-orders")

    def traced(self, endpoint: ASGIApp) -> ASGIApp:
        """The GraphQL endpoint with a span for each request, in the trace of the caller if it tells of one."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            with self._request(scope) as span:
                note(trace_id=trace.format_trace_id(span.get_span_context().trace_id))

                async def tell(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        span.set_attribute(http.HTTP_RESPONSE_STATUS_CODE, message["status"])
                    await send(message)

                try:
                    await endpoint(scope, receive, tell)
                finally:
                    _describe(span, NOTES.get())

        return answer

    def connections(self) -> type[asyncpg.Connection[Any]]:
        """The class of connections that have a span for each statement of a request."""
        return _traced_connection(self._tracer)

    async def close(self) -> None:
        """Send what is not yet sent, as far as the collector takes it."""
        sending = Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, _PATIENCE)

    @contextmanager
    def _request(self, scope: Scope) -> Iterator[Span]:
        sent = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _SENT}
        with self._tracer.start_as_current_span(
            f"{scope['method']} {scope['path']}",
            _context.extract(sent),
            SpanKind.SERVER,
            {
                http.HTTP_REQUEST_METHOD: scope["method"],
                http.HTTP_ROUTE: scope["path"],
                url.URL_PATH: scope["path"],
                url.URL_SCHEME: scope["scheme"],
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span


def _describe(span: Span, notes: Mapping[str, Any]) -> None:
    """Tell what was noted of a request: nothing of what its caller has sent but the name of the operation."""
    span.set_attribute("mes_orders.request_id", notes["request_id"])
    span.set_attribute("mes_orders.statements", notes.get("statements", 0))
    if "operation" in notes:
        span.set_attribute("graphql.operation.type", notes["operation"])
    if notes.get("name"):
        span.set_attribute("graphql.operation.name", without_tokens(notes["name"]))
    if "codes" in notes:
        span.set_attribute("mes_orders.codes", notes["codes"])
        span.set_attribute(ERROR_TYPE, worst(notes["codes"]))
        if server_failed(notes["codes"]):
            span.set_status(StatusCode.ERROR)


def _traced_connection(tracer: Tracer) -> type[asyncpg.Connection[Any]]:
    class Traced(asyncpg.Connection):
        """A connection with a span for each statement of a request."""

        async def execute(self, query: str, *arguments: Any, **named: Any) -> Any:
            with _statement(tracer, query):
                return await super().execute(query, *arguments, **named)

        async def fetch(self, query: str, *arguments: Any, **named: Any) -> Any:
            with _statement(tracer, query):
                return await super().fetch(query, *arguments, **named)

        async def fetchrow(self, query: str, *arguments: Any, **named: Any) -> Any:
            with _statement(tracer, query):
                return await super().fetchrow(query, *arguments, **named)

    return Traced


@contextmanager
def _statement(tracer: Tracer, query: str) -> Iterator[None]:
    """A span around a statement of a request. Its text has no values: those are parameters, which are not told."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield
        return
    operation = query.split(maxsplit=1)[0].rstrip(";").upper()
    told = {
        db.DB_SYSTEM_NAME: "postgresql",
        db.DB_OPERATION_NAME: operation,
        db.DB_QUERY_TEXT: query[:_LONGEST_STATEMENT],
    }
    with tracer.start_as_current_span(
        operation, None, SpanKind.CLIENT, told, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            # What the driver says of an error may have a value in it.
            span.set_attribute(ERROR_TYPE, getattr(error, "sqlstate", None) or type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise
