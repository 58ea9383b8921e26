"""GraphiQL at `/`, with every file it needs from this server."""

import gzip
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.failures import StartFailure
from server.graphiql.files import FOREVER, REVALIDATED, File

_HERE = Path(__file__).parent


class FilesMissing(StartFailure):
    """The package was built without the files of GraphiQL."""


def routes() -> list[BaseRoute]:
    """The page at `/` and its files below `/graphiql/`."""
    packed = _packed()
    files = _third_party(packed) | _ours(packed.name)

    async def answer(request: Request) -> Response:
        file = files.get(request.path_params.get("path", "page.html"))
        if file is None:
            raise HTTPException(404)
        return file.response(request.headers)

    return [Route("/", answer), Route("/graphiql/{path:path}", answer)]


def _packed() -> Path:
    """The folder that `hatch_build.py` filled, named for the version of what is in it."""
    for folder in (_HERE / "static").glob("[0-9]*"):
        return folder
    raise FilesMissing("GraphiQL's files are missing: install the project with pip, which fetches them.")


def _third_party(packed: Path) -> dict[str, File]:
    """The packed files; their path carries the version, so a browser may keep them."""
    return {f"{packed.name}/{path.stem}": File(path.stem, path.read_bytes(), FOREVER) for path in packed.glob("*.gz")}


def _ours(version: str) -> dict[str, File]:
    """The files beside this one; the page learns where the packed ones are."""
    ruru = f"/graphiql/{version}".encode()
    return {
        path.name: File(path.name, gzip.compress(path.read_bytes().replace(b"{ruru}", ruru), mtime=0), REVALIDATED)
        for path in _HERE.iterdir()
        if path.is_file() and path.suffix != ".py"
    }
