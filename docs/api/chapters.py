"""The examples of the API page, read from the files in `examples/`: each is a chapter of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from client.modules import NOUNS

EXAMPLES = Path(__file__).parent / "examples"
# What an example prints stands behind its `print`, or in lines of its own.
_PRINTED = re.compile(r"^(?:# |\s*print\(.*\)  # )(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """The example of one function, as its file has it: a script with what it prints, or a document with its answer."""

    function: str
    text: str

    @cached_property
    def codes(self) -> dict[str, str]:
        """The code blocks by their language."""
        return dict(re.findall(r"```(\w+)\n(.*?)```", self.text, re.DOTALL))

    @property
    def printed(self) -> list[str]:
        """The lines that the script prints."""
        return _PRINTED.findall(self.codes["python"])


@dataclass(frozen=True)
class Chapter:
    """The examples of one module, in groups; or those of what is there for GraphQL alone."""

    name: str
    title: str
    groups: dict[str, list[Example]]

    @property
    def examples(self) -> list[Example]:
        """The examples of all groups."""
        return [example for group in self.groups.values() for example in group]


def chapters() -> list[Chapter]:
    """The chapters in the order of the page."""
    return [_chapter(EXAMPLES / f"{name}.md") for name in [*NOUNS, "graphql"]]


def _chapter(path: Path) -> Chapter:
    title, *groups = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return Chapter(path.stem, title.removeprefix("# ").strip(), dict(map(_group, groups)))


def _group(text: str) -> tuple[str, list[Example]]:
    name, *examples = re.split(r"^### ", text, flags=re.MULTILINE)
    return name.strip(), [
        Example(function, rest.strip()) for function, _, rest in (each.partition("\n") for each in examples)
    ]
