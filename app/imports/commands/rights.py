"""What the importer of a job may do now: accounts are suspended, and roles taken away, while jobs wait."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.queries import pen_names
from app.imports.rules import Rights
from app.kit.text import name_key
from app.models import Account, ImportJob


class ImporterGone(Exception):
    """The account may write nothing any more; ``problem`` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.problem: dict[str, Any] = {"code": code, "detail": detail}


def rights_of(session: Session, job: ImportJob) -> Rights:
    """The rights of a job's importer; raises :class:`ImporterGone`."""
    mode: Any = job.mode
    if job.importer.startswith("account ") and job.account_id is None:
        raise ImporterGone("account-gone", "The account that asked for it is gone.")
    if job.account_id is None:
        return Rights(job.importer, job.by, any_work=True, mode=mode)
    account = session.get_one(Account, job.account_id)
    if account.deleted_at is not None:
        raise ImporterGone("account-gone", "The account that asked for it is gone.")
    if account.suspended_at is not None:
        raise ImporterGone("account-suspended", "The account that asked for it is suspended.")
    names: dict[str, tuple[int, str]] = {}
    for author_id, name in pen_names(session, job.account_id):
        names.setdefault(name_key(name), (author_id, name))
    return Rights(job.importer, job.by, any_work=job.as_admin and account.role == "admin", mode=mode, pen_names=names)
