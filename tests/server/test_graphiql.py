import re
from pathlib import Path

import graphql
import httpx
import pytest
from starlette.applications import Starlette

from server import graphiql

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "server" / "graphiql"
OURS = sorted(path.name for path in FOLDER.iterdir() if path.is_file() and path.suffix != ".py")
POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@pytest.fixture(scope="module")
async def browser():
    transport = httpx.ASGITransport(Starlette(routes=graphiql.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
async def editor(browser):
    page = await browser.get("/")
    return re.search(r'href="(/graphiql/[^"]+/ruru\.js)"', page.text)[1]


async def test_the_page_names_only_files_that_this_server_has(browser):
    page = await browser.get("/")

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert len(addresses) == 5
    assert {(await browser.get(address)).status_code for address in addresses} == {200}
    assert all(address.startswith("/graphiql/") for address in addresses)


@pytest.mark.parametrize("name", OURS)
async def test_our_files_name_no_other_host(browser, name):
    text = (await browser.get(f"/graphiql/{name}")).text

    assert re.findall(r"(?:\w+:)?//[\w.-]+\.\w+", text.replace("http://www.w3.org/2000/svg", "")) == []


async def test_the_style_sheets_load_nothing_from_elsewhere(browser, editor):
    folder = editor.rpartition("/")[0]
    sheets = sorted(path.stem for path in FOLDER.glob("static/*/*.css.gz"))

    texts = [(await browser.get(f"{folder}/{sheet}")).text for sheet in sheets]
    named = [name for text in texts for name in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')]+)", text)]
    addresses = {name for name in named if not name.startswith("data:")}

    assert sheets
    assert {(await browser.get(f"{folder}/{address}")).status_code for address in addresses} == {200}


@pytest.mark.parametrize("path", ["/", "/graphiql/page.js"])
async def test_every_file_carries_the_strict_headers(browser, path):
    headers = (await browser.get(path)).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_worker_brings_its_own_policy(browser, editor):
    worker = await browser.get(editor.replace("ruru.js", "graphqlWorker.js"))

    assert worker.headers["content-security-policy"] == POLICY
    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "deflate, gzip"])
async def test_a_file_comes_compressed_to_who_takes_it(browser, editor, accepted):
    answer = await browser.get(editor, headers={"accept-encoding": accepted})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < len(answer.content) / 2


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"])
async def test_a_file_comes_plain_to_who_takes_no_gzip(browser, editor, accepted):
    compressed = await browser.get(editor)

    answer = await browser.get(editor, headers={"accept-encoding": accepted})

    assert "content-encoding" not in answer.headers
    assert answer.content == compressed.content


async def test_a_path_with_a_version_is_kept_for_ever(browser, editor):
    answer = await browser.get(editor)

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/graphiql/page.css"])
async def test_our_own_files_are_asked_for_again(browser, path):
    first = await browser.get(path)
    second = await browser.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert second.status_code == 304
    assert second.content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/graphiql/",
        "/graphiql/nothing.js",
        "/graphiql/__init__.py",
        "/graphiql/../config.py",
        "/graphiql/%2e%2e/config.py",
        "/graphiql/..%2f..%2fpyproject.toml",
        "/graphiql//etc/passwd",
        "/graphiql/static/page.js",
    ],
)
async def test_nothing_else_is_served(browser, path):
    assert (await browser.get(path)).status_code == 404


async def test_no_source_map_is_packed_or_mentioned(browser, editor):
    text = (await browser.get(editor)).text

    assert "sourceMappingURL" not in text
    assert (await browser.get(f"{editor}.map")).status_code == 404


async def test_the_licences_are_there(browser, editor):
    licence = await browser.get(editor.replace("ruru.js", "LICENSE.md"))

    assert "MIT License" in licence.text


def test_the_examples_are_valid():
    schema = graphql.build_schema((CHECKOUT / "schema.graphql").read_text())

    examples = graphql.parse((FOLDER / "examples.graphql").read_text())

    assert graphql.validate(schema, examples) == []
