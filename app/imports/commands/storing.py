"""Storing drafts, a batch a transaction: created, updated, unchanged or failed, each item by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app.authors.commands import AuthorKey, author_key, claimed_authors, ensure_imported_authors
from app.db.bulk import batches
from app.db.engine import Database
from app.imports.commands.inputs import remember_inputs
from app.imports.commands.met_tags import MetTags
from app.imports.commands.recognising import foresee_alike, tell_alike
from app.imports.errors import ItemFailed
from app.imports.judging import judge
from app.imports.keeping import keep_text
from app.imports.planning import ItemResult, Plan, decide, failed, left_as_it_is
from app.imports.prepare import OF_FILE
from app.imports.queries import inputs_of
from app.imports.rules import Rights
from app.jobs.changes import log_changes
from app.kit.text import name_key
from app.series.commands.imported import ensure_imported_series, series_identity
from app.tags.commands.making import link_late_characters
from app.tracing.spans import span
from app.works.commands.bulk import (
    ResolvedWork,
    insert_identities,
    insert_works,
    update_works,
)
from app.works.commands.cards import refresh_cards
from app.works.commands.merging import merge_chapters
from app.works.commands.undoing import bring_back, forget_edits
from app.works.drafts import WorkDraft
from app.works.queries.before import works_before
from app.works.queries.identities import (
    Identity,
    find_identities,
    signed_works,
    stored_works,
)
from app.works.queries.tagged import works_with_tags

Then = Callable[[Session, list["ItemResult"]], None]
CACHE_LIMIT = 200_000
LATE_LINKS = 200
CARDS_AT_ONCE = 500
TRIES = 2
_NOT_THE_DATA = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQL states that tell of the connection, of locks, of room, and of the server."""


class Importer:
    """Stores drafts for one importer. Remembers the tags and authors it met, which most works share."""

    def __init__(self, database: Database, rights: Rights | None = None) -> None:
        self.database = database
        self.rights = rights or Rights()
        self.importer = self.rights.importer
        self.last_change: int | None = None
        self._tags = MetTags()
        self._authors: dict[AuthorKey, tuple[int, str]] = {}

    def store(self, drafts: Sequence[WorkDraft], then: Then | None = None) -> list[ItemResult]:
        """Store a batch; drafts of one identity must not stand in the same batch.

        ``then`` writes what is to be kept of it in the same transaction; where it raises, nothing is stored.
        """
        try:
            with span("import batch", works=len(drafts)), self.database.write() as session:
                results = self._store_all(session.connection(), drafts) if drafts else []
                self._recognise(session.connection(), drafts, results)
                if then is not None:
                    then(session, results)
                return results
        except BaseException:
            self._forget()
            raise

    def _store_all(self, connection: Connection, drafts: Sequence[WorkDraft]) -> list[ItemResult]:
        for _ in range(TRIES):
            try:
                with connection.begin_nested():
                    return self._store(connection, drafts)
            except DBAPIError as error:
                if not is_fault_of_data(error):
                    raise
                # Another import may have made the same name a moment ago: then it is there at the second try.
                self._forget()
        # Something in the batch cannot be stored: find out which by going one at a time.
        return [self._store_alone(connection, draft) for draft in drafts]

    def preview(self, drafts: Sequence[WorkDraft], then: Then | None = None) -> list[ItemResult]:
        """What :meth:`store` would do; no work is written, only what ``then`` keeps of it."""
        with self.database.reading() as connection:
            results = self._plan(connection, drafts).results
            foresee_alike(connection, self.rights, drafts, results)
        if then is not None:
            with self.database.write() as session:
                then(session, results)
        return results

    def _recognise(self, connection: Connection, drafts: Sequence[WorkDraft], results: Sequence[ItemResult]) -> None:
        """Keep what the new texts are recognised by, and tell of those that are like them."""
        tell_alike(connection, self.rights, drafts, results)

    def _forget(self) -> None:
        """What was remembered may have been rolled back."""
        self._tags.clear()
        self._authors.clear()

    def _store_alone(self, connection: Connection, draft: WorkDraft) -> ItemResult:
        try:
            with connection.begin_nested():
                return self._store(connection, [draft])[0]
        except DBAPIError as error:
            if not is_fault_of_data(error):
                raise
            self._forget()
            detail = f"The database refused the work: {type(error.orig).__name__}."
            return ItemResult("failed", problem=ItemFailed("not-storable", detail).as_problem())

    def _store(self, connection: Connection, drafts: Sequence[WorkDraft]) -> list[ItemResult]:
        plan = self._plan(connection, drafts)
        # New tags come before locks on works, here and in every other write: so no two wait for one another.
        self._resolve(connection, [work for _, work in plan.create + plan.update])
        self._refuse_others_names(connection, plan)
        self._lock(connection, plan)
        chosen = [work for _, work in plan.create + plan.update]
        if plan.update:
            self._update(connection, plan)
        insert_works(connection, [work for _, work in plan.create])
        insert_identities(connection, self.importer, chosen + plan.left, plan.known)
        remember_inputs(connection, chosen + plan.left, plan.told, alone=self.rights.mode == "replace")
        if not chosen:
            return plan.results
        for index, work in plan.create + plan.update:
            plan.results[index].work_id = work.work_id
            plan.results[index].notices += work.draft.notices
        unlisted = [work.work_id for work in chosen if work.draft.state == "draft" and work.listing != "now"]
        listed = sorted({work.work_id for work in chosen} - set(unlisted))
        self.last_change = log_changes(connection, work_ids=listed, unlisted_ids=unlisted)
        return plan.results

    def _weigh(self, connection: Connection, plan: Plan) -> None:
        """Let updates take nothing away that they should not, and leave what they do not change."""
        ids = [work.work_id for _, work in plan.update]
        before = works_before(connection, ids)
        plan.told = inputs_of(connection, ids)
        if self.rights.mode != "replace":
            judge(connection, plan, before)
            return
        for _, work in plan.update:
            keep_text(work.draft, before[work.work_id])
            work.keeps_byline = before[work.work_id].is_signed

    def _update(self, connection: Connection, plan: Plan) -> None:
        """Bring the works that are here in line with their drafts; chapters first, because they are counted."""
        replace = self.rights.mode == "replace"
        for index, work in plan.update:
            if work.draft.chapters:
                merged = merge_chapters(
                    connection, work.work_id, work.draft, was_public=work.was_public, replace=replace
                )
                plan.results[index].notices += merged
        works = [work for _, work in plan.update]
        update_works(connection, works)
        if replace:
            forget_edits(connection, [work.work_id for work in works], self.rights.by, self.rights.author_ids)
        bring_back(connection, [work.work_id for work in works])
        for group in batches((work.work_id for work in works), CARDS_AT_ONCE):
            refresh_cards(connection, group)

    def _plan(self, connection: Connection, drafts: Sequence[WorkDraft]) -> Plan:
        wanted = [identities_of(draft, self.importer) for draft in drafts]
        found = find_identities(connection, {identity for group in wanted for identity in group})
        stored = stored_works(connection, set(found.values()))
        own: set[int] = set()
        others: set[int] = set()
        if stored and not self.rights.any_work:
            own, others = signed_works(connection, stored, self.rights.author_ids)
        plan = Plan(results=[], known=set(found))
        for index, (draft, identities) in enumerate(zip(drafts, wanted, strict=True)):
            matches = {found[identity] for identity in identities if identity in found}
            if len(matches) > 1:  # where a file was says less than what it or its folder names
                named = {found[one] for one in identities if one in found and not one[1].startswith(OF_FILE)}
                matches = named or matches
            work = ResolvedWork(draft, [], [], [], importer=self.importer)
            if not matches:
                plan.create.append((index, work))
                plan.results.append(ItemResult("created"))
            elif len(matches) > 1:
                detail = f"Its sources belong to {len(matches)} works that are here: {sorted(matches)[:10]}."
                plan.results.append(failed("ambiguous-source", detail, "/source"))
            else:
                here = stored[matches.pop()]
                signed = {"own": here.id in own, "signed_by_others": here.id in others}
                if self.rights.may_change(here.importer, **signed):
                    plan.results.append(decide(plan, index, work, here, self.rights.mode))
                else:
                    plan.results.append(failed("not-yours", "The work is here, brought by somebody else.", "/source"))
        self._weigh(connection, plan)
        return plan

    def _resolve(self, connection: Connection, works: Sequence[ResolvedWork]) -> None:
        """Give drafts the ids of their tags, authors and series, making what is new."""
        for work, tags in zip(works, self._tags.resolve(connection, [work.draft for work in works]), strict=True):
            work.tags = tags
        self._sign(connection, works)

    def _sign(self, connection: Connection, works: Sequence[ResolvedWork]) -> None:
        """Give drafts their authors and series."""
        bylines: dict[AuthorKey, str] = {}
        titles: dict[str, str] = {}
        pen_names = self.rights.pen_names
        for work in works:
            draft = work.draft
            for name in () if work.keeps_byline else draft.authors:
                if name_key(name) not in pen_names:
                    bylines.setdefault(author_key(draft.site, name), name)
            for title, _ in draft.series:
                titles.setdefault(series_identity(draft.site, draft.authors[0], title), title)
        authors = ensure_imported_authors(connection, bylines, self._authors)
        series = ensure_imported_series(connection, titles)
        for work in works:
            draft = work.draft
            if not work.keeps_byline:
                signed = [
                    pen_names.get(name_key(name)) or authors[author_key(draft.site, name)] for name in draft.authors
                ]
                work.authors = list(dict.fromkeys(signed))
            # By id, as every later rendering of the card has them.
            work.series = sorted(
                (*series[series_identity(draft.site, draft.authors[0], title)], position or 1)
                for title, position in draft.series
            )
        if len(self._authors) > CACHE_LIMIT:
            self._authors.clear()
        self._authors |= authors

    def _refuse_others_names(self, connection: Connection, plan: Plan) -> None:
        """An imported author whom an account has claimed is that account's: no file of somebody else speaks for it."""
        if self.rights.any_work:
            return
        wanted = {author for _, work in plan.create + plan.update for author, _ in work.authors}
        claimed = claimed_authors(connection, wanted) - self.rights.author_ids
        if not claimed:
            return
        for group in (plan.create, plan.update):
            for index, work in list(group):
                if any(author in claimed for author, _ in work.authors):
                    group.remove((index, work))
                    detail = "It bears the name of an author who has an account here."
                    plan.results[index] = failed("not-yours", detail, "/authors")

    def _lock(self, connection: Connection, plan: Plan) -> None:
        """Lock the works that are to be updated, and leave those that were edited while the batch was planned."""
        stored = stored_works(connection, [work.work_id for _, work in plan.update], lock=True)
        for index, work in list(plan.update):
            now = stored[work.work_id]
            edited = now.edited and self.rights.mode != "replace"
            if edited or (now.state in {"deleted", "hidden"} and now.undone_import is None):
                plan.update.remove((index, work))
                plan.results[index] = left_as_it_is(work.work_id)
            work.version, work.was_public, work.listing = now.version + 1, now.was_public, now.listing

    def finish(self) -> int | None:
        """Link relationships to characters that came after them; the last change number of the import."""
        while True:
            with self.database.write() as session:
                connection = session.connection()
                linked = link_late_characters(connection, LATE_LINKS)
                if not linked:
                    return self.last_change
            for batch in works_with_tags(self.database, linked):
                with self.database.write() as session:
                    refresh_cards(session.connection(), batch)
                    self.last_change = log_changes(session.connection(), work_ids=batch)


def is_fault_of_data(error: DBAPIError) -> bool:
    """Whether the database refused what was written, rather than was full, locked, or gone."""
    if error.connection_invalidated:
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return not isinstance(error, OperationalError)
    return not state.startswith(_NOT_THE_DATA)


def identities_of(draft: WorkDraft, importer: str) -> list[Identity]:
    """All that a draft is known by."""
    found = [identity for source in draft.sources for identity in source.identities()]
    return found + [(f"key:{importer}", key) for key in draft.keys]
