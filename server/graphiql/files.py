"""One file as a browser gets it: kept compressed, and sent so to whoever takes gzip."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from starlette.responses import Response

REVALIDATED = "no-cache"
FOREVER = "public, max-age=31536000, immutable"

# Monaco, the editor in GraphiQL, writes style elements for its theme and style attributes for the place of each line,
# and takes no nonce for them: hence 'unsafe-inline', for styles alone. Fonts and some pictures are
# data: in the style sheets.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "worker-src 'self'; "
    "connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; "
    "img-src 'self' data:; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "form-action 'none'"
)

_TYPES = {
    ".css": "text/css",
    ".graphql": "text/plain",
    ".html": "text/html",
    ".js": "text/javascript",
    ".md": "text/plain",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
}


@dataclass(frozen=True)
class File:
    """What is stored under a name, how it is compressed and how long a browser may keep it."""

    name: str
    gzipped: bytes
    cache: str

    @cached_property
    def etag(self) -> str:
        """Changes with the content; weak, as both encodings share it."""
        return f'W/"{hashlib.sha256(self.gzipped).hexdigest()[:32]}"'

    def response(self, request_headers: Mapping[str, str]) -> Response:
        """The answer to a request with these headers."""
        headers = self._headers()
        if self.etag in request_headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if not _takes_gzip(request_headers.get("accept-encoding", "")):
            return Response(gzip.decompress(self.gzipped), headers=headers, media_type=self._type())
        return Response(self.gzipped, headers=headers | {"Content-Encoding": "gzip"}, media_type=self._type())

    def _headers(self) -> dict[str, str]:
        return {
            "ETag": self.etag,
            "Cache-Control": self.cache,
            "Vary": "Accept-Encoding",
            # On every file: a worker runs under the policy that its own script came with.
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            # No page that opens this one, or takes files from it, gets hold of the window in which the token is.
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    def _type(self) -> str:
        return _TYPES[PurePath(self.name).suffix]


def _takes_gzip(accept_encoding: str) -> bool:
    return re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accept_encoding, re.IGNORECASE) is not None
