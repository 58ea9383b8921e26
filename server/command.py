"""The command `mes-orders`."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.errors import Failure
from db.instant import parsed_instant
from db.pool import connection
from db.roles import granted_permissions
from db.tokens import ISSUED, ApiToken, all_tokens, create_token, namesakes, revoke_token
from db.ulid import parsed_ulid
from server.config import Settings, port_number, settings_from, worker_count
from server.database import Database, database, prepare
from server.failures import StartFailure
from server.log import configure_logging
from server.pooling import pooled
from server.serve import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DAYS = re.compile(r"(\d{1,5})d", re.ASCII)
_LONGEST_LABEL = 255
_SAME_CALLER = (
    "there is a valid token of the name {!r} (id {}), and both would be one caller, with the same idempotency keys and "
    "points: choose another name or, to replace that token, add --rotate and revoke it when the new one is in use."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    given = _parser().parse_args(arguments)
    try:
        settings = _settings(given)
        configure_logging(settings.log_format, settings.log_level)
        if given.command == "serve":
            serve(settings, demo=given.demo)
            return 0
        with database(settings, attach=True) as known:
            return asyncio.run(_token_command(given, known, settings))
    except (StartFailure, Failure) as failure:
        print(f"mes-orders: {failure}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mes-orders", description="A GraphQL API server for production orders.")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("serve", help="run the server")
    running.add_argument("--host", help="address to listen on (127.0.0.1)")
    running.add_argument("--port", type=_number(port_number), help="port to listen on (8000)")
    running.add_argument(
        "--workers", type=_number(worker_count), metavar="N", help="processes that answer requests, up to 64 (1)"
    )
    running.add_argument("--demo", action="store_true", help="load a small plant to look at")
    token = commands.add_parser("token", help="manage API tokens")
    actions = token.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="make a token, and show it this once")
    create.add_argument(
        "--name", type=_name, required=True, help="whose token it is: shown as createdBy and modifiedBy"
    )
    create.add_argument(
        "--security-level",
        type=_label,
        required=True,
        nargs="+",
        action="extend",
        metavar="L",
        help="what it holds",
    )
    create.add_argument("--expires", type=_expiry, metavar="D", help="an instant, a date or days from now, as 90d")
    create.add_argument(
        "--rotate", action="store_true", help="let it be the same caller as the valid token of this name, to replace it"
    )
    revoke = actions.add_parser("revoke", help="let nobody in by a token any more")
    revoke.add_argument("id", help="the token's id, as `token list` shows it")
    for command in (running, create, revoke, actions.add_parser("list", help="show the tokens, without their secrets")):
        command.add_argument("--data", type=_folder, help="folder of the server's own PostgreSQL")
    return parser


def _settings(given: argparse.Namespace) -> Settings:
    """The environment's settings, where no option says otherwise."""
    options = {name: getattr(given, name, None) for name in ("host", "port", "workers", "data")}
    return replace(settings_from(), **{name: value for name, value in options.items() if value is not None})


def _number(parse: Callable[[str], int]) -> Callable[[str], int]:
    def parsed(text: str) -> int:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error

    return parsed


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("it takes a folder")
    return Path(text)


def _label(text: str) -> str:
    if not (text.strip() and text.isprintable() and len(text) <= _LONGEST_LABEL):
        raise argparse.ArgumentTypeError(f"it takes 1 to {_LONGEST_LABEL} visible characters")
    return text.strip()


def _name(text: str) -> str:
    name = _label(text)
    if name.startswith(ISSUED):
        raise argparse.ArgumentTypeError(f"names that begin with {ISSUED} are those of callers from an issuer")
    return name


def _expiry(text: str) -> datetime:
    days = _DAYS.fullmatch(text)
    expires = datetime.now(UTC) + timedelta(days=int(days[1])) if days else parsed_instant(text)
    expires = expires or parsed_instant(f"{text}T00:00:00Z")
    if expires is None or expires <= datetime.now(UTC):
        raise argparse.ArgumentTypeError(f"{text!r} is no time to come: give 2027-01-31, 2027-01-31T18:00:00Z or 90d")
    return expires


async def _token_command(given: argparse.Namespace, known: Database, settings: Settings) -> int:
    first_token = await prepare(known, settings)
    if first_token:
        print(first_token, file=sys.stderr)  # noqa: T201
    async with connection(known.url, pooled=pooled(settings)) as opened:
        return await _TOKEN_ACTIONS[given.action](opened, given)


async def _create(opened: Any, given: argparse.Namespace) -> int:
    async with opened.transaction():
        same = await namesakes(opened, given.name)
        if same and not given.rotate:
            print(f"mes-orders: {_SAME_CALLER.format(given.name, ', '.join(same))}", file=sys.stderr)  # noqa: T201
            return 1
        created = await create_token(opened, given.name, given.security_level, given.expires)
    if not await granted_permissions(opened, given.security_level):
        levels = ", ".join(given.security_level)
        print(f"mes-orders: no role grants anything for {levels}: save one with saveRole.", file=sys.stderr)  # noqa: T201
    print(created)  # noqa: T201
    return 0


async def _list(opened: Any, _given: argparse.Namespace) -> int:
    for token in await all_tokens(opened):
        print(f"{token.id}  {_state(token):<28}  {token.name}  ({', '.join(token.security_levels)})")  # noqa: T201
    return 0


async def _revoke(opened: Any, given: argparse.Namespace) -> int:
    token_id = parsed_ulid(given.id)
    if token_id is None or not await revoke_token(opened, token_id):
        print(f"mes-orders: there is no token with the id {given.id!r}; `token list` shows them.", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _state(token: ApiToken) -> str:
    if token.revoked_date:
        return "revoked"
    if not token.valid:
        return "expired"
    return f"until {token.expires_date:%Y-%m-%d %H:%M} UTC" if token.expires_date else "valid"


_TOKEN_ACTIONS = {"create": _create, "list": _list, "revoke": _revoke}


if __name__ == "__main__":
    sys.exit(main())
