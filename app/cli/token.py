"""``fanarchive token``: operators' tokens, which need no account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from app.accounts.commands import issue_token, revoke_operator_token
from app.accounts.queries import TokenRow, operator_tokens
from app.accounts.rules import SCOPES
from app.cli.opening import open_archive
from app.cli.output import console, errors
from app.config import Settings
from app.kit.dates import rfc3339

app = typer.Typer(help="Operators' tokens.", no_args_is_help=True)


@app.command()
def create(
    scope: Annotated[list[str], typer.Option(help=f"One of {', '.join(SCOPES)}; repeatable. `admin` has all.")],
    name: Annotated[str, typer.Option(help="How its acts are signed in histories.")] = "operator",
    expires_in: Annotated[int | None, typer.Option(min=1, max=36_500, help="Days; for good when left out.")] = None,
) -> None:
    """Make a token; it is printed alone on the last line, and cannot be shown again."""
    unknown = [one for one in scope if one not in SCOPES]
    if unknown:
        errors.print(f"There is no scope {unknown[0]}: it is one of {', '.join(SCOPES)}.", markup=False)
        raise typer.Exit(2)
    expires_at = datetime.now(UTC) + timedelta(days=expires_in) if expires_in is not None else None
    with open_archive(Settings()) as database, database.write() as session:
        token = issue_token(session, kind="operator", name=name, scopes=scope, expires_at=expires_at)
    errors.print(f"Token {token.id} for {', '.join(scope)}; keep it, it cannot be shown again:", markup=False)
    typer.echo(token.text)


@app.command("list")
def list_() -> None:
    """The tokens that were made here; revoked ones too."""
    with open_archive(Settings()) as database, database.read() as session:
        rows = operator_tokens(session)
    table = Table("id", "name", "scopes", "made", "last used", "state")
    for row in rows:
        used = rfc3339(row.last_used_at) if row.last_used_at else "never"
        table.add_row(str(row.id), row.name, " ".join(row.scopes), rfc3339(row.created_at), used, _state(row))
    console.print(table)


@app.command()
def revoke(token_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Make a token worthless at once."""
    with open_archive(Settings()) as database, database.write() as session:
        revoked = revoke_operator_token(session, token_id=token_id)
    if not revoked:
        errors.print(f"There is no good operator's token {token_id}.")
        raise typer.Exit(2)
    console.print(f"Token {token_id} is revoked.")


def _state(row: TokenRow) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is None:
        return "good"
    return "expired" if row.expires_at <= datetime.now(UTC) else f"good until {rfc3339(row.expires_at)}"
