"""What an integration script imports: `system = connect(url, token=…)`."""

from client.errors import MesError
from client.results import Result
from client.system import System, connect

__all__ = ["MesError", "Result", "System", "connect"]
