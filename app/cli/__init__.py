"""The ``fanarchive`` command, one file a noun."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.cli import account, archive, backups, database, doctor, exporting, importing, index, serving, tags, token
from app.cli.output import errors
from app.config import Settings
from app.errors import ArchiveError
from app.web.logs import configure_logs

app = typer.Typer(
    name="fanarchive",
    help="A fan-fiction archive as an API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serving.serve)
app.command("work")(serving.work)
app.command("health")(serving.health)
app.command("openapi")(serving.openapi)
app.command("demo")(archive.demo)
app.command("make-works")(archive.make_works)
app.command("import")(importing.import_)
app.command("export")(exporting.export)
app.command("doctor")(doctor.doctor)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.add_typer(index.app, name="index")
app.add_typer(database.app, name="db")
app.add_typer(account.app, name="account")
app.add_typer(tags.app, name="tags")
app.add_typer(token.app, name="token")


def main() -> None:
    """Run the command; a failure that we know is one line on stderr and exit code 2."""
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


def _setting_problem(problem: ErrorDetails) -> str:
    """What is wrong with a setting; one that is about several together names them itself."""
    text = problem["msg"].removeprefix("Value error, ")
    place = "_".join(map(str, problem["loc"])).upper()
    return f"the setting FANARCHIVE_{place}: {text}" if place else text
