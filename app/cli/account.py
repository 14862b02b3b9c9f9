"""``fanarchive account``: accounts, their roles, and invitations."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.accounts.commands.accounts import (
    grant_role,
    invite,
    lift_suspension,
    make_account,
    suspend,
)
from app.accounts.logins import parse_email, parse_login, parse_new_password
from app.accounts.passwords import Passwords
from app.accounts.rules import ROLES
from app.cli.opening import open_archive
from app.cli.output import console, errors
from app.config import Settings

app = typer.Typer(help="Accounts, their roles, and invitations.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(metavar="LOGIN")]
RoleOption = Annotated[str, typer.Option("--role", help=f"One of {', '.join(ROLES)}.")]


def _fail(message: str) -> typer.Exit:
    errors.print(message, markup=False)
    return typer.Exit(2)


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise _fail(f"There is no such role: it is one of {', '.join(ROLES)}.")
    return role


@app.command()
def create(
    login: Annotated[str, typer.Option(help="Public; for signing in.")],
    role: RoleOption = "member",
    email: Annotated[str | None, typer.Option(help="Counts as given, not as confirmed.")] = None,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make an account, also where registration is closed; asks for the password unless it comes on standard input."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _ask()
    try:
        parse_login(login)
        parse_new_password(password)
        address = parse_email(email) if email is not None else None
    except ValueError as error:
        raise _fail(f"Login, password or address has to be {error}.") from error
    settings = Settings()
    passwords = Passwords(settings)
    hashed = passwords.hash_now(password)
    passwords.stop()
    with open_archive(settings) as database, database.write() as session:
        account, _ = make_account(session, login=login, password_hash=hashed, email=address, role=_known_role(role))
        account_id = account.id
    console.print(f"Account {account_id}: {login}, {role}.", markup=False)


def _ask() -> str:
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return given


@app.command()
def grant(login: Login, role: RoleOption) -> None:
    """Give an account a role; its tokens can do what the role says from now on."""
    with open_archive(Settings()) as database, database.write() as session:
        if not grant_role(session, login=login, role=_known_role(role)):
            raise _fail("There is no such account.")
    console.print(f"{login} is {role} now.", markup=False)


@app.command("suspend")
def suspend_(login: Login, reason: Annotated[str, typer.Option(help="The account is told.")]) -> None:
    """Suspend an account: it can go on reading, but write nothing."""
    with open_archive(Settings()) as database, database.write() as session:
        if not suspend(session, login=login, reason=reason):
            raise _fail("There is no such account.")
    console.print(f"{login} is suspended: it may read, but write nothing.", markup=False)


@app.command()
def restore(login: Login) -> None:
    """Let a suspended account write again."""
    with open_archive(Settings()) as database, database.write() as session:
        if not lift_suspension(session, login=login):
            raise _fail("There is no such account.")
    console.print(f"{login} may write again.", markup=False)


@app.command("invite")
def invite_(
    count: Annotated[int, typer.Option(min=1, max=1000)] = 1,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long they are good.")] = 14,
) -> None:
    """Make invitations, one per line; each is good for one new account."""
    with open_archive(Settings()) as database, database.write() as session:
        codes = [invite(session, days=days) for _ in range(count)]
    for code in codes:
        typer.echo(code)
