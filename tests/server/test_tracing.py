"""What is told of requests as traces, looked at in memory."""

import asyncio
import http.server
import socketserver
import sys
from contextvars import Context
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from structlog.testing import capture_logs

from db.pool import pool as open_pool
from server.app import make_app
from server.config import Settings
from server.failures import StartFailure
from server.notes import with_notes
from server.optional_tracing import tracing, tracing_maker
from server.serve import serve
from server.tracing import Tracing

SECRET = "Geheimnis"  # noqa: S105 (it stands for a value)
GET = "query Show($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id } }"
SAVE = "mutation Save($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"
SAVE_ALL = "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { id } }"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def traces(exporter):
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield Tracing(provider)
    provider.shutdown()


@pytest.fixture
async def connections(database, traces):
    async with open_pool(database, 4, traces.connections()) as connections:
        yield connections


@pytest.fixture
def app(connections, traces):
    return make_app(connections, Settings(request_seconds=1), traces=traces)


@pytest.fixture
def asked(execute, exporter):
    """Asks once the caller is known; the span of the request and those of its statements."""

    async def ask(document, headers=(), **variables):
        await execute("{ __typename }")
        exporter.clear()
        headers = {"Authorization": f"Bearer {execute.token}", **dict(headers)}
        await execute.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        *statements, request = exporter.get_finished_spans()
        return request, statements

    return ask


async def test_a_request_is_a_span_of_a_server(asked):
    request, _ = await asked(GET, key="x")

    assert (request.name, request.kind, request.parent) == ("POST /graphql", SpanKind.SERVER, None)
    assert request.status.status_code is StatusCode.UNSET
    told = dict(request.attributes)
    assert len(told.pop("mes_orders.request_id")) == 16
    assert told == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "url.path": "/graphql",
        "url.scheme": "http",
        "http.response.status_code": 200,
        "graphql.operation.type": "query",
        "graphql.operation.name": "Show",
        "mes_orders.statements": 1,
    }


async def test_each_statement_is_a_span_inside_of_it(asked, plant):
    order = {"name": "One", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}

    request, statements = await asked(SAVE_ALL, inputs=[order])

    assert (statements[0].name, statements[-1].name) == ("BEGIN", "COMMIT")
    assert request.attributes["mes_orders.statements"] == len(statements) - 2
    for statement in statements:
        assert statement.kind is SpanKind.CLIENT
        assert statement.parent.span_id == request.context.span_id
        assert request.start_time <= statement.start_time <= statement.end_time <= request.end_time
        assert statement.attributes["db.system.name"] == "postgresql"
        assert statement.name == statement.attributes["db.operation.name"]
        assert statement.attributes["db.query.text"].upper().startswith(statement.name)


async def test_what_is_saved_together_is_in_the_trace_of_one_of_them(execute, plant, exporter, caplog):
    order = {"productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    await execute("{ __typename }")
    exporter.clear()

    await asyncio.gather(*(execute(SAVE, input={**order, "name": name}) for name in "abc"))

    spans = exporter.get_finished_spans()
    requests = [span for span in spans if span.kind is SpanKind.SERVER]
    (statement,) = (span for span in spans if span.kind is SpanKind.CLIENT)
    assert len(requests) == 3
    assert statement.parent.span_id in {request.context.span_id for request in requests}
    assert [record for record in caplog.records if record.name.startswith("opentelemetry")] == []


async def test_looking_the_caller_up_is_part_of_the_trace(caller, exporter):
    planner = await caller("PRODUCTION_ORDER")
    exporter.clear()

    await planner("{ __typename }")

    *statements, request = exporter.get_finished_spans()
    assert [statement.parent.span_id for statement in statements] == [request.context.span_id] * 2


async def test_the_trace_of_the_caller_goes_on(asked):
    request, statements = await asked(GET, {"traceparent": f"00-{TRACE}-{PARENT}-01"}, key="x")

    assert f"{request.parent.span_id:016x}" == PARENT
    assert {f"{span.context.trace_id:032x}" for span in (request, *statements)} == {TRACE}


@pytest.mark.parametrize(
    "header",
    ["", "x", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-{PARENT}-01", "0" * 600, "é"],
)
async def test_a_trace_that_is_none_is_not_continued(asked, header):
    request, _ = await asked(GET, {"traceparent": header.encode()}, key="x")

    assert request.parent is None


async def test_a_caller_who_keeps_no_trace_has_none_kept(execute, exporter):
    exporter.clear()
    headers = {"Authorization": f"Bearer {execute.token}", "traceparent": f"00-{TRACE}-{PARENT}-00"}

    await execute.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert exporter.get_finished_spans() == ()


async def test_the_trace_is_on_the_line_of_the_log(app, asked):
    with capture_logs([with_notes]) as lines:
        request, _ = await asked(GET, key="x")
        Context().run(app.write)

    assert lines[-1]["trace_id"] == f"{request.context.trace_id:032x}"


async def test_a_mistake_of_the_caller_is_told_and_is_no_error(asked):
    request, _ = await asked(SAVE, input={"quantity": -1})

    assert request.attributes["mes_orders.codes"] == ("BAD_USER_INPUT",)
    assert request.attributes["error.type"] == "BAD_USER_INPUT"
    assert request.status.status_code is StatusCode.UNSET


async def test_a_statement_that_fails_is_an_error(asked, pool):
    await pool.execute("alter table production_orders rename to gone")

    request, (statement,) = await asked(GET, key=SECRET)

    assert request.attributes["error.type"] == "INTERNAL_SERVER_ERROR"
    assert statement.attributes["error.type"] == "42P01"
    assert request.status.status_code is statement.status.status_code is StatusCode.ERROR


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (GET, {"key": SECRET}),
        (f'{{ getProductionOrder(productionOrderIdOrName: "{SECRET}") {{ id }} }}', {}),
        (f'{{ productionOrders(filter: {{name: {{eq: "{SECRET}"}}}}) {{ nodes {{ id }} }} }}', {}),
        (SAVE, {"input": {"name": SECRET, "quantity": -1}}),
        (SAVE, {"input": {"name": f"{SECRET}\0"}}),
        (f'{{ {SECRET}(x: "{SECRET}") }}', {}),
    ],
)
async def test_no_variable_no_literal_and_no_token_is_in_a_span(asked, execute, document, variables):
    request, statements = await asked(document, **variables)

    told = "".join(span.to_json() for span in (request, *statements))
    assert "mes_orders.request_id" in told
    assert SECRET not in told
    assert execute.token.split("_", 2)[2] not in told


async def test_what_is_asked_beside_operations_has_no_trace(http, exporter):
    await http.get("/health/ready")

    assert exporter.get_finished_spans() == ()


class Collector(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Takes traces as a collector does."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.paths, self.names = [], []


class Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.names += [
            span.name
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Tell nobody."""


@pytest.fixture
def collector():
    with Collector() as collector:
        thread = Thread(target=collector.serve_forever)
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


async def test_a_collector_has_all_traces_when_the_server_ends(database, collector):
    settings = Settings(otlp_endpoint=f"http://127.0.0.1:{collector.server_port}")
    async with tracing(settings) as traces, open_pool(database, 1, traces.connections()) as connections:
        transport = httpx.ASGITransport(make_app(connections, settings, traces=traces))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.post("/graphql", json={"query": "{ __typename }"})

    assert (collector.paths, collector.names) == (["/v1/traces"], ["POST /graphql"])


def test_without_an_endpoint_there_are_no_traces():
    assert tracing_maker(Settings()) is None


def test_without_the_packages_the_start_ends_with_a_sentence(monkeypatch):
    monkeypatch.delitem(sys.modules, "server.tracing")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(StartFailure) as failure:
        serve(Settings(otlp_endpoint="http://localhost:4318"), demo=False)

    assert str(failure.value) == (
        "MES_ORDERS_OTLP_ENDPOINT asks for traces, and the packages for them are not installed: "
        "they come with pip install 'mes-orders[tracing]'."
    )
