"""Requests to the server over connections that stay open."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import httpx

from client.answers import data, unanswered
from client.patience import Patience

# A document without this word can't change anything; one that has it, if only in a comment, may, and gets a key by
# which the server knows it again.
MUTATION = re.compile(r"\bmutation\b", re.ASCII)
BUSY = (502, 503, 504)
TOO_MANY_REQUESTS = 429
REPEATABLE = (httpx.ConnectTimeout, httpx.NetworkError, httpx.RemoteProtocolError)
# A server closes a connection that was idle for some seconds, uvicorn after 5. A request sent in that moment is lost
# and has to be sent again: so the client closes first.
IDLE_SECONDS = 4.0


class Connection:
    """The server at one address, asked in the name of one token; for any number of threads."""

    def __init__(self, url: str, token: str | None, *, timeout: float, backoff: float) -> None:
        self.url = _endpoint(url)
        self._timeout = timeout
        self._backoff = backoff
        self._http = httpx.Client(
            headers={
                "Accept": "application/graphql-response+json, application/json;q=0.9",
                "Content-Type": "application/json",
                **_authorization(token),
            },
            limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS),
        )

    def data(
        self,
        document: str,
        variables: dict[str, Any],
        operation_name: str | None,
        *,
        partly: bool = False,
        idempotency_key: str | None = None,
    ) -> Any:
        """The data of the answer, as results; with `partly`, None stands for what the caller may not see of one."""
        request = {"query": document, "variables": variables, "operationName": operation_name}
        read = not MUTATION.search(document)
        headers = {} if read else {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return data(self._response(json.dumps(request).encode(), headers, read=read), partly=partly)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _response(self, body: bytes, headers: dict[str, str], *, read: bool) -> httpx.Response:
        """The response, after a few tries: what the server has done already, it answers again by the key."""
        patience = Patience(self._timeout, self._backoff)
        while True:
            try:
                response = self._http.post(self.url, content=body, headers=headers, timeout=patience.left)
            except httpx.RequestError as error:
                if not (isinstance(error, REPEATABLE) and patience.waited()):
                    raise unanswered(error, read=read) from error
            else:
                if not (_busy(response) and patience.waited(_asked_for(response))):
                    return response


def _busy(response: httpx.Response) -> bool:
    if response.status_code == TOO_MANY_REQUESTS:
        return _asked_for(response) is not None
    return response.status_code in BUSY


def _asked_for(response: httpx.Response) -> float | None:
    seconds = response.headers.get("retry-after", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() else None


def _endpoint(url: str) -> httpx.URL:
    try:
        given = httpx.URL(url)
    except httpx.InvalidURL:
        given = httpx.URL()
    if given.scheme not in ("http", "https") or not given.host or given.userinfo:
        raise ValueError("The address of the server is written http://host:port or https://host, without a password.")
    path = given.path.rstrip("/")
    return given.copy_with(path=path if path.endswith("/graphql") else f"{path}/graphql")


def _authorization(token: str | None) -> dict[str, str]:
    # A token that was read from a file ends with a line break.
    secret = (token or "").strip()
    if not (secret.isascii() and secret.isprintable()):
        raise ValueError("The token has characters that no token has.")
    return {"Authorization": f"Bearer {secret}"} if secret else {}
