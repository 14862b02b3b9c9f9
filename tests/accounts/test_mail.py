"""Mails through a real SMTP server: confirming an address, asking for a new password, and what is told to nobody."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from app.accounts.commands.accounts import grant_role
from app.accounts.mail import Mail, Outbox, SmtpCarrier
from app.config import Settings
from app.db.engine import Database
from app.main import create_app
from app.models import Account, MailCode
from tests.accounts.people import PASSWORD, Person, register, sign_in
from tests.docs.serving import free_port
from tests.writing import TEXT, WORK


class LetterBox:
    """What the SMTP server took; it can be told to refuse."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refusals = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.refusals:
            self.refusals -= 1
            return "451 Try again later"
        self.mails.append(message_from_bytes(envelope.content.replace(b"\r\n", b"\n")))
        return "250 OK"

    def wait(self, count: int) -> list[Message]:
        """The mails, once there are so many; a moment more shows that there are no others."""
        deadline = time.monotonic() + 10
        while len(self.mails) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.1)
        assert len(self.mails) == count
        return self.mails

    def code(self, count: int) -> str:
        """The code in the last of so many mails."""
        text = self.wait(count)[-1].get_payload()
        assert isinstance(text, str)
        found = re.search(r"^[A-Za-z0-9_-]{43}$", text, re.MULTILINE)
        assert found is not None, text
        return found[0]


@pytest.fixture
def box() -> LetterBox:
    return LetterBox()


@pytest.fixture
def smtp(box: LetterBox) -> Iterator[str]:
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


@contextmanager
def serving(settings: Settings, smtp: str, **changed: Any) -> Iterator[TestClient]:
    update = {"mail_url": SecretStr(smtp), "mail_from": "Archive <archive@example.org>", **changed}
    with TestClient(create_app(settings.model_copy(update=update)), raise_server_exceptions=False) as client:
        yield client


def confirm(client: TestClient, code: str) -> int:
    return client.post("/v1/email-confirmations", json={"code": code}).status_code


def test_an_address_is_confirmed_before_writing_where_that_is_wanted(
    settings: Settings, smtp: str, box: LetterBox
) -> None:
    with serving(settings, smtp, confirm_email="on", public_url="https://archive.example") as client:
        without = client.post("/v1/accounts", json={"login": "ann", "password": PASSWORD})
        assert without.json()["errors"][0]["pointer"] == "/email"
        ann = register(client, "ann", email="Ann@Example.org")
        code = box.code(1)
        mail = box.mails[0]
        assert (mail["To"], mail["From"]) == ("Ann@Example.org", "Archive <archive@example.org>")
        assert "https://archive.example" in str(mail.get_payload())
        token = {"name": "x", "scopes": ["read"]}
        assert ann.call("POST", "/v1/me/tokens", 403, json=token)["code"] == "email-unconfirmed"
        assert ann.call("GET", "/v1/me")["email_confirmed"] is False
        assert confirm(client, code[:-1]) == 422
        assert confirm(client, code) == 204
        assert confirm(client, code) == 422
        assert ann.call("GET", "/v1/me")["email_confirmed"] is True
        ann.call("POST", "/v1/me/tokens", 201, json=token)
        ann.call("POST", "/v1/me/email-confirmation", 202)
        box.wait(1)


def test_an_address_is_one_accounts_alone_and_nobody_else_learns_of_it(
    settings: Settings, smtp: str, box: LetterBox
) -> None:
    with serving(settings, smtp) as client:
        register(client, "ann", email="ann@example.org")
        first = box.code(1)
        register(client, "eve", email="ANN@example.org")
        second = box.code(2)
        assert confirm(client, first) == 204
        assert confirm(client, second) == 422, "another account has it now"
        made = [
            client.post("/v1/accounts", json={"login": login, "password": PASSWORD, "email": email})
            for login, email in (("mallory", "ann@example.org"), ("nora", "new@example.org"))
        ]
        assert [answer.status_code for answer in made] == [201, 201]
        assert [sorted(answer.json()) for answer in made] == [["authors", "id", "login"]] * 2
        told = next(mail for mail in box.wait(4)[2:] if mail["To"] == "ann@example.org")
        assert "already confirmed" in str(told.get_payload())
        assert not re.search(r"^[A-Za-z0-9_-]{43}$", str(told.get_payload()), re.MULTILINE)


def test_another_address_has_to_be_confirmed_anew(settings: Settings, smtp: str, box: LetterBox) -> None:
    with serving(settings, smtp) as client:
        ann = register(client, "ann", email="old@example.org")
        old = box.code(1)
        ann.call("PATCH", "/v1/me", json={"current_password": PASSWORD, "email": "new@example.org"})
        assert confirm(client, old) == 422, "it was sent to the former address"
        assert confirm(client, box.code(2)) == 204
        assert ann.call("GET", "/v1/me")["email_confirmed"] is True
        me = ann.call("PATCH", "/v1/me", json={"current_password": PASSWORD, "email": None})
        assert (me["email"], me["email_confirmed"]) == (None, False)


def test_a_new_password_by_mail_ends_everything_else(settings: Settings, smtp: str, box: LetterBox) -> None:
    with serving(settings, smtp) as client:
        ann = register(client, "ann", email="ann@example.org")
        confirm(client, box.code(1))
        script = ann.call("POST", "/v1/me/tokens", 201, json={"name": "script", "scopes": ["read"]})
        asked = [
            client.post("/v1/password-resets", json=body)
            for body in ({"login": "ann"}, {"login": "nobody"}, {"email": "ann@example.org"}, {"email": "no@b.example"})
        ]
        assert [(answer.status_code, answer.content) for answer in asked] == [(202, b"")] * 4
        assert len({str({**answer.headers, "x-request-id": ""}) for answer in asked}) == 1
        code = box.code(3)
        complete = "/v1/password-resets/complete"
        assert client.post(complete, json={"code": code, "password": "short"}).status_code == 422
        assert client.post(complete, json={"code": "x", "password": "another one"}).json()["code"] == "bad-code"
        assert client.post(complete, json={"code": code, "password": "another one"}).status_code == 204
        assert client.post(complete, json={"code": code, "password": "a third one"}).status_code == 422
        ann.call("GET", "/v1/me", 401)
        Person(client, "ann", script["token"]).call("GET", "/v1/me", 401)
        sign_in(client, "ann", "another one")
        assert client.post("/v1/password-resets", json={}).status_code == 422
        assert client.post("/v1/password-resets", json={"login": "a", "email": "a@b.example"}).status_code == 422


def test_codes_end_and_letter_boxes_are_not_filled(settings: Settings, smtp: str, box: LetterBox) -> None:
    database = Database(settings)
    with serving(settings, smtp) as client:
        register(client, "ann", email="ann@example.org")
        for _ in range(6):
            assert client.post("/v1/password-resets", json={"login": "ann"}).status_code == 202
        code = box.code(4)
        with database.write() as session:
            assert session.scalar(select(func.count()).where(MailCode.kind == "reset")) == 3
            session.execute(update(MailCode).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        late = client.post("/v1/password-resets/complete", json={"code": code, "password": "another one"})
        assert late.json()["code"] == "bad-code"
        with database.write() as session:
            assert session.scalar(select(Account.password_hash)) is not None
    database.dispose()


def test_nobodys_letter_box_is_filled_by_changing_the_address(settings: Settings, smtp: str, box: LetterBox) -> None:
    with serving(settings, smtp) as client:
        ann = register(client, "ann")
        for number in range(5):
            change = {"current_password": PASSWORD, "email": f"ben{number}@example.org"}
            assert ann.call("PATCH", "/v1/me", json=change)["email"] == f"ben{number}@example.org"
        box.wait(3)


def test_a_code_is_not_kept_as_such(settings: Settings, smtp: str, box: LetterBox) -> None:
    database = Database(settings)
    with serving(settings, smtp) as client:
        register(client, "ann", email="ann@example.org")
        code = box.code(1)
    with database.read() as session:
        assert code not in session.scalars(select(MailCode.hash)).all()
    database.dispose()


def test_a_server_that_refuses_is_tried_again(smtp: str, box: LetterBox) -> None:
    box.refusals = 2
    outbox = Outbox(SmtpCarrier(smtp, "a@example.org"), pause=0.01)
    outbox.start()
    outbox.put(Mail("ann@example.org", "Hello", "Ünïcödé.\n"))
    mail = box.wait(1)[0]
    outbox.stop()
    assert mail.get_payload(decode=True) == "Ünïcödé.\n".encode()


def test_a_server_that_always_refuses_holds_nothing_up(smtp: str, box: LetterBox) -> None:
    box.refusals = 3
    outbox = Outbox(SmtpCarrier(smtp, "a@example.org"), pause=0.01)
    outbox.start()
    outbox.put(Mail("ann@example.org", "First", "x"))
    outbox.put(Mail("ann@example.org", "Second", "x"))
    assert [mail["Subject"] for mail in box.wait(1)] == ["Second"]
    outbox.stop()


def test_a_password_is_not_sent_in_the_clear(box: LetterBox, smtp: str) -> None:
    carrier = SmtpCarrier(smtp.replace("//", "//user:secret@"), "a@example.org")
    with pytest.raises(OSError, match="STARTTLS"):
        carrier.carry(Mail("ann@example.org", "x", "x"))
    assert not box.mails
    with pytest.raises(ValueError, match="FANARCHIVE_MAIL_URL"):
        SmtpCarrier("http://example.org", "a@example.org")


def test_authors_whose_address_is_confirmed_get_a_mail_when_a_work_is_hidden_and_shown(
    settings: Settings, smtp: str, box: LetterBox
) -> None:
    with serving(settings, smtp, public_url="https://archive.example") as client:
        ann, mod = register(client, "ann", email="ann@example.org"), register(client, "mod")
        with client.app_state["database"].write() as session:
            grant_role(session, login="mod", role="moderator")
        mod = sign_in(client, "mod")
        work = ann.call("POST", "/v1/works", 201, json=WORK | {"state": "published", "chapters": [{"content": TEXT}]})
        path = f"/v1/works/{work['id']}"
        mod.call("POST", f"{path}/hide", 204, json={"reason": "Too early"})
        code = box.code(1)  # of the address alone: before it is confirmed nothing is sent there
        assert confirm(client, code) == 204
        mod.call("POST", f"{path}/hide", 204, json={"reason": "Copied"})
        mod.call("POST", f"{path}/unhide", 204)
        _, hidden, shown = box.wait(3)
        assert (hidden["To"], hidden["Subject"]) == ("ann@example.org", "Your work was hidden")
        assert "Copied" in str(hidden.get_payload())
        assert "https://archive.example" in str(shown.get_payload())
        assert shown["Subject"] == "Your work is shown again"
