"""How the API page writes types, tables and links."""

from __future__ import annotations

from collections.abc import Iterable

import graphql

MAY_BE_NULL = " or null"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; nothing without rows."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row).strip() + " |" for row in rows]
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines]) if lines else ""


def blocks(*texts: str) -> str:
    """Paragraphs, tables and code under each other, without those that are empty."""
    return "\n\n".join(filter(None, texts))


def link(name: str) -> str:
    """A link to the heading with this text."""
    return f"[{name}](#{name.lower()})"


def spelled(kind: graphql.GraphQLType) -> str:
    """A type as it stands in a table, whether or not it may be null."""
    if isinstance(kind, graphql.GraphQLNonNull):
        return spelled(kind.of_type)
    if isinstance(kind, graphql.GraphQLList):
        return f"list of {spelled(kind.of_type)}"
    name = graphql.get_named_type(kind).name
    # An input has the fields of the record that it is of.
    return f"`{name}`" if isinstance(kind, graphql.GraphQLScalarType) else link(name.removesuffix("Input"))


def nullable(kind: graphql.GraphQLType) -> str:
    """A type as it stands in a table, with whether it may be null."""
    return spelled(kind) + ("" if isinstance(kind, graphql.GraphQLNonNull) else MAY_BE_NULL)


def line(text: str | None) -> str:
    """A description in one line."""
    return " ".join((text or "").split())
