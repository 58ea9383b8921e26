"""The documented modules: `system.mes.productionOrder` and its neighbours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from client.functions import Function, Functions

# A function is listed in the module whose noun stands first in its name: `getShiftsByLocation` is one of shift.
NOUNS = {
    "productionOrder": "ProductionOrder|BillOfMaterials|Property",
    "material": "Material",
    "unitOfMeasure": "Units?OfMeasure|Conver",
    "location": "Location|Children",
    "shift": "Shift",
    "role": "Role|AllPermissions",
    "query": "Query|Filter",
    "customer": "Customer",
}
NOUN = re.compile("|".join(f"(?P<{module}>{nouns})" for module, nouns in NOUNS.items()), re.IGNORECASE)


class Modules:
    """`system.mes`: the modules as attributes."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Module:
        if name not in NOUNS:
            raise AttributeError(f"There is no module {name!r}; there are {', '.join(NOUNS)}.")
        return Module(name, self._functions)

    def __dir__(self) -> list[str]:
        return list(NOUNS)

    def __repr__(self) -> str:
        return f"<modules {', '.join(NOUNS)}>"


class Module:
    """One module: its functions as attributes.

    No name stands in two modules, so that every module gives every function of the schema; `dir()` lists those of this
    module. Connections, `node` and `nodes` are listed in none: with `system.graphql` one asks them for more.
    """

    def __init__(self, name: str, functions: Functions) -> None:
        self._name = name
        self._functions = functions

    def __getattr__(self, name: str) -> Function:
        # Python and its tools look for such names (as `__wrapped__`) everywhere: not worth a request.
        known = {} if name.startswith("_") else self._functions.by_name
        if name not in known:
            raise AttributeError(f"The server has no function {name!r} for system.mes.{self._name}.")
        return known[name]

    def __dir__(self) -> list[str]:
        functions = self._functions.by_name.items()
        return [name for name, function in functions if module_of(name) == self._name and not function.native]

    def __repr__(self) -> str:
        return f"<module {self._name}>"


def module_of(function: str) -> str | None:
    """The module in which a function of that name is listed; None for a name without a noun of any."""
    noun = NOUN.search(function)
    return noun and noun.lastgroup
