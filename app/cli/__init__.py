"""The ``fanarchive`` command, one file per noun."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.markup import escape
from typer.core import TyperGroup

from app.cli.output import errors
from app.config import Settings
from app.errors import ArchiveError
from app.web.logs import configure_logs

COMMANDS = {
    "serve": "serving:serve", "work": "serving:work", "health": "serving:health", "openapi": "serving:openapi",
    "demo": "archive:demo", "make-works": "making:make_works", "import": "importing:import_",
    "doctor": "doctor:doctor", "backup": "backups:backup", "restore": "backups:restore",
    "duplicates": "duplicates:duplicates", "export": "exporting:export", "index": "index:app", "db": "database:app",
    "account": "account:app", "tags": "tags:app", "token": "token:app",
}  # fmt: skip
"""Where each command is, ``module:name``. Its module is imported when it is asked for: a whole archive takes a second
to import, for the command and once more for each process that it starts."""


class Commands(TyperGroup):
    """The commands of :data:`COMMANDS`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Their names, for the help and for what was probably meant; the commands come from get_command.
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """One of them, imported now; ``None`` where there is none of the name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"app.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="fanarchive",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _fanarchive() -> None:
    """A fan-fiction archive as an API."""


def main() -> None:
    """Run the command; a failure that we know is one line on stderr and exit code 2, or 1 where it may work later."""
    try:
        configure_logs(Settings(log_format="console") if sys.stderr.isatty() else Settings())
        app()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            errors.print(f"error: {_setting_problem(problem)}", markup=False)
        sys.exit(2)
    except ArchiveError as error:
        errors.print(f"[bold red]error:[/] {error.detail}")
        sys.exit(2)
    except Exception as error:
        # The database's library is loaded by the commands that use it.
        if not isinstance(error, import_module("sqlalchemy.exc").OperationalError):
            raise
        reason = str(error.orig).partition("\n")[0]
        errors.print(f"[bold red]error:[/] The database cannot be used: {escape(reason)}")
        sys.exit(1)


def _setting_problem(problem: ErrorDetails) -> str:
    """What is wrong with a setting; one that is about several together names them itself."""
    text = problem["msg"].removeprefix("Value error, ")
    place = "_".join(map(str, problem["loc"])).upper()
    return f"the setting FANARCHIVE_{place}: {text}" if place else text
