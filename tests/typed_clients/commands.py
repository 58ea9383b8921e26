"""The commands of docs/typed-clients.md, run in a copy of the examples: URL TOKEN."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/typed-clients.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\ncd (.*?)\n(.*?)```\n\nprints\n\n```text\n(.*?)```", PAGE, re.DOTALL)
INSTALLED = shutil.ignore_patterns(".venv", "node_modules", "mes_orders", "gql", "build")
# What an installer warns of is the machine's; of every other command, a warning is a mistake of ours.
INSTALLERS = ("python3 -m venv", ".venv/bin/pip", "npm ci")
WARNING = re.compile(r"warn|deprecat", re.IGNORECASE)
STRICT = {"PYTHONWARNINGS": "error", "npm_config_loglevel": "error"}
TYPE_CHECKED = "example.py"


def main(url, token):
    """Go through the page; the first command that does not do what the page says is the end."""
    environment = {**os.environ, "MES_URL": url, "MES_TOKEN": token}
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(ROOT / "docs", Path(copy, "docs"), ignore=INSTALLED)
        shutil.copy(ROOT / "schema.graphql", copy)
        for folder, commands, printed in EXAMPLES:
            follow(commands.splitlines(), printed, Path(copy, folder), environment)
    print(f"{len(EXAMPLES)} of 2 typed clients ok")  # noqa: T201
    return len(EXAMPLES) != 2


def follow(commands, printed, folder, environment):
    """Run an example's commands; the last one prints what the page shows."""
    for command in commands:
        said = output(command, folder, environment)
    if said != printed:
        raise SystemExit(f"{folder.name} printed\n\n{said}\nand not\n\n{printed}")
    if (folder / TYPE_CHECKED).exists():
        python = folder / ".venv/bin/python"
        output(f"{sys.executable} -m mypy --strict --python-executable {python} {TYPE_CHECKED}", folder, environment)


def output(command, folder, environment):
    """What a command prints, if it succeeds and warns of nothing."""
    strict = {} if command.startswith(INSTALLERS) else STRICT
    ran = subprocess.run(  # noqa: S602 (they are ours)
        command, shell=True, cwd=folder, env=environment | strict, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0 or (strict and (ran.stderr or WARNING.search(ran.stdout))):
        raise SystemExit(f"{folder.name}: {command}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
