"""The settings of the server, read once from the environment at start."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import platformdirs

from db.session import ANSWER_LIMIT, PAGE_LIMIT, ROW_LIMIT
from resolvers.limits import MOST_VALUES, Limits
from server.failures import StartFailure

_PREFIX = "MES_ORDERS_"
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_HOST = r"(?:\[[^\]]*\]|[^@/?#:,\[\]]*)(?::\d{1,5})?"
_URL = re.compile(rf"postgres(?:ql)?://(?:[^@/?#]*@)?{_HOST}(?:,{_HOST})*(?:[/?#].*)?", re.ASCII)
_COLLECTOR = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(?:/[\w./~-]*)?", re.ASCII)
_DECIMAL = re.compile(r"\d{1,4}(?:\.\d{1,3})?", re.ASCII)
_LONGEST_SECONDS = 3_600
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The addresses that only this machine reaches."""
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:[/?]\S*)?", re.ASCII)
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.ASCII)
_ISSUER = ("oidc_issuer", "oidc_audience", "oidc_jwks")
"""The settings that make sense together only."""
_USER_DATA = Path(platformdirs.user_data_path("mes-orders"))


class WrongSetting(StartFailure):
    """A setting has a value that it can't have."""


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (_DIGITS.fullmatch(text) and least <= int(text) <= most):
            raise ValueError(f"it must be a number from {least} to {most}")
        return int(text)

    return parse


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError("it must be as postgresql://user:password@host:port/database")
    return text


port_number = _number(0, 65_535)
"""The port that a text names; 0 for any that is free. Raises `ValueError`."""
worker_count = _number(1, 64)
"""How many processes a text asks for. Raises `ValueError`."""


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"it must be one of {', '.join(allowed)}")
        return text

    return parse


def _setting(description: str, parse: Callable[[str], Any], default: Any, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"description": description, "parse": parse, "secret": secret})


def _limit(name: str, description: str, most: int = 999_999_999) -> Any:
    return _setting(description, _number(1, most), getattr(Limits(), name))


def _other_database(description: str) -> Any:
    return _setting(description, _url, None, secret=True)


def _seconds(text: str) -> float:
    if not (_DECIMAL.fullmatch(text) and 0 < float(text) <= _LONGEST_SECONDS):
        raise ValueError(f"it must be a number of seconds up to {_LONGEST_SECONDS:,}, as 0.5")
    return float(text)


def _collector(text: str) -> str:
    if not _COLLECTOR.fullmatch(text):
        raise ValueError("it must be as http://collector:4318")
    return text.rstrip("/")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _address_or_file(text: str) -> str | Path:
    if "://" not in text:
        return Path(text)
    if not _WEB_ADDRESS.fullmatch(text):
        raise ValueError("it must be a file, or as https://issuer.example/keys")
    return text


def _origins(text: str) -> tuple[str, ...]:
    wrong = next((name for name in _names(text) if not _ORIGIN.fullmatch(name)), None)
    if wrong:
        raise ValueError(f"it must be as https://app.example:8443, with commas between; {wrong!r} is no origin")
    return _names(text)


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(name)) for name in _names(text))
    except ValueError as error:
        raise ValueError(f"it must be as 10.0.0.1 or 10.0.0.0/24, with commas between; {error}") from error


def _switch(text: str) -> bool:
    return _one_of("on", "off")(text) == "on"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Each field is the environment variable `MES_ORDERS_<FIELD>`."""

    database_url: str | None = _other_database(
        "URL of a PostgreSQL to use instead of the server's own; it may name several hosts."
    )
    owner_url: str | None = _other_database(
        "The same database for the role that makes and owns the tables, if that is another one."
    )
    allow_superuser: bool = _setting(
        "Whether the server may run as a superuser of PostgreSQL: `on` or `off`.", _switch, default=False
    )
    read_url: str | None = _other_database(
        "URL of the standbys that answer queries of callers who accept it, with commas between their hosts."
    )
    max_staleness: int = _setting(
        "Seconds that an answer to a query may be behind, for callers who do not say.", _number(0, 999_999_999), 0
    )
    pgbouncer: str = _setting(
        "`transaction` if a PgBouncer in transaction mode stands before PostgreSQL, or `off`.",
        _one_of("off", "transaction"),
        "off",
    )
    data: Path = _setting(  # noqa: RUF009 (it makes a field)
        "Folder of the server's own PostgreSQL, and of the first token.",
        Path,
        _USER_DATA,
    )
    host: str = _setting("Address to listen on.", str, "127.0.0.1")
    port: int = _setting("Port to listen on.", port_number, 8000)
    workers: int = _setting("Processes that answer requests.", worker_count, 1)
    pool_size: int | None = _setting(
        "Most connections of one process to PostgreSQL at a time.", _number(1, 1_000), None
    )
    row_limit: int = _setting("Most records in one list of an answer.", _number(1, 1_000_000), ROW_LIMIT)
    answer_limit: int = _setting("Most bytes of an answer.", _number(1_000, 1_000_000_000), ANSWER_LIMIT)
    page_limit: int = _setting(
        "Most records that a page or a connection may be asked for.", _number(1, 1_000_000), PAGE_LIMIT
    )
    max_characters: int = _limit("characters", "Most characters of a GraphQL document.")
    max_tokens: int = _limit("tokens", "Most tokens of a GraphQL document.")
    max_nesting: int = _limit("nesting", "Most brackets inside of each other, in a GraphQL document and in JSON.")
    max_depth: int = _limit("depth", "Most fields inside of each other.")
    max_aliases: int = _limit("aliases", "Most aliases of an operation.")
    max_root_fields: int = _limit("root_fields", "Most root fields of an operation.")
    max_fields: int = _limit("fields", "Most fields of an operation, those of fragments as often as they are spread.")
    max_repetitions: int = _limit("repetitions", "How often an operation may name the same field in the same place.")
    max_directives: int = _limit("directives", "Most directives of an operation.")
    max_cost: int = _limit("cost", "Most that an operation may cost.")
    max_values: int = _limit(
        "values", "Most values of the variables, where not many records are saved with one call.", MOST_VALUES
    )
    max_body: int = _setting("Most bytes of a request's body.", _number(1, 1_000_000_000), 1024**2)
    max_bulk_body: int = _setting(
        "Most bytes of the body of a request that saves many records with one call.",
        _number(1, 1_000_000_000),
        4 * 1024**2,
    )
    max_head: int = _setting(
        "Most bytes of a request's first line and headers together.", _number(1_024, 1_000_000), 64 * 1024
    )
    max_headers: int = _setting("Most headers of a request.", _number(10, 1_000), 100)
    receive_seconds: int = _setting(
        "Seconds within which a request has to arrive, and without any progress in which an answer is given up.",
        _number(1, 3_600),
        10,
    )
    request_seconds: int = _setting("Seconds within which a query has to be answered.", _number(1, 3_600), 10)
    change_seconds: int = _setting(
        "Seconds after which nobody waits any more for a change to be stored, on the standby too.",
        _number(1, 3_600),
        15,
    )
    hosts: tuple[str, ...] = _setting(
        "Names, with commas between, by which requests may call this server; `*` for any.",
        _names,
        (),
    )
    oidc_issuer: str | None = _setting(
        "Issuer of the JSON Web Tokens that callers may bring, as their `iss`.", str, None
    )
    oidc_audience: str | None = _setting("What these tokens are for, as their `aud`.", str, None)
    oidc_jwks: str | Path | None = _setting(  # noqa: RUF009 (it makes a field)
        "URL or file of the JSON Web Key Set with the issuer's keys.", _address_or_file, None
    )
    oidc_levels_claim: str = _setting(
        "Claim with the security levels of these callers; dots lead into objects.", str, "security_levels"
    )
    oidc_name_claim: str = _setting("Claim with the name of these callers; dots lead into objects.", str, "sub")
    failed_authentications: int = _setting(
        "How many requests a minute without a valid token an address may send; `0` for any number.",
        _number(0, 999_999_999),
        60,
    )
    trusted_proxies: tuple[str, ...] = _setting(
        "Addresses or networks of proxies, with commas between, whose `X-Forwarded-For` tells a client's address.",
        _networks,
        (),
    )
    points_per_minute: int = _setting(
        "Points that a caller may spend in a minute; `0` for any number.", _number(0, 999_999_999), 0
    )
    origins: tuple[str, ...] = _setting(
        "Origins, with commas between, whose pages may ask this server in a browser (CORS).", _origins, ()
    )
    introspection: bool = _setting("Whether callers may ask for the schema: `on` or `off`.", _switch, default=True)
    graphiql: bool = _setting("Whether the GraphiQL explorer is there: `on` or `off`.", _switch, default=True)
    metrics: bool | None = _setting(
        "Whether `/metrics` tells Prometheus, and whoever else asks, how it goes: `on` or `off`.", _switch, None
    )
    otlp_endpoint: str | None = _setting(
        "URL of an OpenTelemetry collector that takes traces by OTLP over HTTP, as `http://collector:4318`.",
        _collector,
        None,
        secret=True,
    )
    slow_seconds: float = _setting(
        "Seconds from which on a request counts as slow and its line as a warning.", _seconds, 1.0
    )
    log_format: str = _setting("How log lines are written: `text` or `json`.", _one_of("text", "json"), "text")
    log_level: str = _setting("Least level that is logged.", _one_of("debug", "info", "warning", "error"), "info")

    @property
    def shows_metrics(self) -> bool:
        """Whether there is `/metrics`: by itself only where no other machine reaches it."""
        near = self.host in LOOPBACK and not (self.hosts or self.trusted_proxies)
        return near if self.metrics is None else self.metrics


def limits(settings: Settings) -> Limits:
    """The limits of operations."""
    return Limits(**{one.name: getattr(settings, f"max_{one.name}") for one in fields(Limits)})


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return _PREFIX + setting.upper()


def hand_on(name: str, value: str) -> None:
    """Set a variable of a library for the processes that are started from here on."""
    os.environ[name] = value


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that the environment gives; empty variables count as not set. Raises `WrongSetting`."""
    names = {variable(setting.name): setting for setting in fields(Settings)}
    unknown = sorted(name for name in environment if name.startswith(_PREFIX) and name not in names)
    if unknown:
        raise WrongSetting(f"There is no setting {unknown[0]}. The settings are {', '.join(names)}.")
    given = {
        setting.name: _value(name, environment[name], **setting.metadata)
        for name, setting in names.items()
        if environment.get(name)
    }
    if "owner_url" in given and "database_url" not in given:
        raise WrongSetting(f"The setting {variable('owner_url')} needs {variable('database_url')} beside it.")
    settings = Settings(**given)
    _check_issuer(settings)
    return settings


def _check_issuer(settings: Settings) -> None:
    missing = [variable(name) for name in _ISSUER if getattr(settings, name) is None]
    if 0 < len(missing) < len(_ISSUER):
        together = ", ".join(map(variable, _ISSUER))
        raise WrongSetting(f"The setting {missing[0]} is missing: for callers by OIDC, set all of {together}.")


def _value(name: str, text: str, *, parse: Callable[[str], Any], secret: bool, **_: Any) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        told = "not right" if secret else repr(text)
        raise WrongSetting(f"The setting {name} is {told}: {error}.") from error
