"""The reference **plain**: the same works served as most people would write it.

ORM objects with eager loads, response models, FTS5, SQLite: a work, a page of one tag with its total, the same with
six facets, words in titles and summaries, words in texts with snippets, a chapter. A work has the members that ours has
where the made works have something to say: its authors and tags as objects, warnings, categories, dates, counters.
``PLAIN_DB=FILE python -m benchmarks.plain_service PORT`` serves it; with further arguments, files of works, fills it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, Column, ForeignKey, Index, Table, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload
from starlette_compress import CompressMiddleware


class Base(DeclarativeBase):
    pass


work_tags = Table(
    "work_tags",
    Base.metadata,
    Column("work_id", ForeignKey("works.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
    Index("by_tag", "tag_id", "work_id"),
)


work_authors = Table(
    "work_authors",
    Base.metadata,
    Column("work_id", ForeignKey("works.id"), primary_key=True),
    Column("author_id", ForeignKey("authors.id"), primary_key=True),
)


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    name: Mapped[str] = mapped_column(index=True)


class Chapter(Base):
    __tablename__ = "chapters"
    id: Mapped[int] = mapped_column(primary_key=True)
    work_id: Mapped[int] = mapped_column(ForeignKey("works.id"), index=True)
    position: Mapped[int]
    content: Mapped[str]


class Work(Base):
    __tablename__ = "works"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    summary: Mapped[str]
    language: Mapped[str]
    rating: Mapped[str] = mapped_column(index=True)
    warnings: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[str]
    chapters_posted: Mapped[int]
    chapters_expected: Mapped[int | None]
    words: Mapped[int]
    published_at: Mapped[datetime]
    revised_at: Mapped[datetime]
    source_site: Mapped[str]
    source_id: Mapped[str]
    kudos: Mapped[int] = mapped_column(index=True)
    comments: Mapped[int]
    bookmarks: Mapped[int]
    hits: Mapped[int]
    authors: Mapped[list[Author]] = relationship(secondary=work_authors, lazy="raise")
    tags: Mapped[list[Tag]] = relationship(secondary=work_tags, lazy="raise")


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


class TagOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    type: str
    name: str


class WorkOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    authors: list[AuthorOut]
    summary: str
    language: str
    rating: str
    warnings: list[str]
    categories: list[str]
    tags: list[TagOut]
    status: str
    chapters_posted: int
    chapters_expected: int | None
    words: int
    published_at: datetime
    revised_at: datetime
    source_site: str
    source_id: str
    kudos: int
    comments: int
    bookmarks: int
    hits: int


WHOLE = (selectinload(Work.authors), selectinload(Work.tags))


class PageOut(BaseModel):
    items: list[WorkOut]
    total: int
    facets: dict[str, list[tuple[str, int]]] | None = None


class PassageOut(BaseModel):
    chapter_id: int
    work_id: int
    snippet: str


class ChapterOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    work_id: int
    position: int
    content: str


engine = create_engine(f"sqlite:///{os.environ['PLAIN_DB']}", connect_args={"check_same_thread": False})
app = FastAPI()


def session() -> Iterator[Session]:
    with Session(engine) as opened:
        yield opened


Db = Annotated[Session, Depends(session)]


@app.get("/works/{work_id}")
def get_work(work_id: int, db: Db) -> WorkOut:
    work = db.scalar(select(Work).where(Work.id == work_id).options(*WHOLE))
    if work is None:
        raise HTTPException(404)
    return WorkOut.model_validate(work)


@app.get("/works")
def list_works(db: Db, tag: str | None = None, q: str | None = None, *, facets: bool = False) -> PageOut:
    found = select(Work.id)
    if tag is not None:
        found = found.join(work_tags).join(Tag).where(Tag.name == tag)
    if q is not None:
        found = found.where(text("works.id IN (SELECT rowid FROM works_fts WHERE works_fts MATCH :q)").bindparams(q=q))
    ids = found.subquery()
    total = db.scalar(select(func.count()).select_from(ids)) or 0
    page = select(Work).where(Work.id.in_(select(ids))).order_by(Work.kudos.desc()).limit(20)
    items = db.scalars(page.options(*WHOLE)).all()
    counted = _facets(db, ids) if facets else None
    return PageOut(items=[WorkOut.model_validate(work) for work in items], total=total, facets=counted)


def _facets(db: Session, ids: Any) -> dict[str, list[tuple[str, int]]]:
    facets = {}
    for kind in ("fandom", "character", "relationship", "freeform"):
        rows = db.execute(
            select(Tag.name, func.count())
            .join(work_tags)
            .where(Tag.type == kind, work_tags.c.work_id.in_(select(ids)))
            .group_by(Tag.id)
            .order_by(func.count().desc())
            .limit(10)
        )
        facets[kind] = [(row[0], row[1]) for row in rows]
    for column in (Work.rating, Work.language):
        rows = db.execute(select(column, func.count()).where(Work.id.in_(select(ids))).group_by(column))
        facets[column.key] = [(row[0], row[1]) for row in rows]
    return facets


@app.get("/passages")
def passages(db: Db, q: str) -> list[PassageOut]:
    rows = db.execute(
        text(
            "SELECT c.id, c.work_id, snippet(chapters_fts, 0, '<mark>', '</mark>', '…', 40) FROM chapters_fts"
            " JOIN chapters c ON c.id = chapters_fts.rowid WHERE chapters_fts MATCH :q ORDER BY rank LIMIT 20"
        ),
        {"q": q},
    )
    return [PassageOut(chapter_id=row[0], work_id=row[1], snippet=row[2]) for row in rows]


@app.get("/chapters/{chapter_id}")
def get_chapter(chapter_id: int, db: Db) -> ChapterOut:
    return ChapterOut.model_validate(db.get(Chapter, chapter_id))


def fill(path: Path) -> float:
    """Import records one by one through the ORM; works a second."""
    Base.metadata.create_all(engine)
    tags: dict[tuple[str, str], Tag] = {}
    authors: dict[str, Author] = {}
    started, count = time.perf_counter(), 0
    with Session(engine, expire_on_commit=False) as db, path.open() as lines:
        db.execute(text("CREATE VIRTUAL TABLE IF NOT EXISTS works_fts USING fts5(title, summary)"))
        db.execute(text("CREATE VIRTUAL TABLE IF NOT EXISTS chapters_fts USING fts5(content)"))
        for line in lines:
            record = json.loads(line)
            names = [(kind, name) for kind in _TYPES for name in dict.fromkeys(record[f"{kind}s"])]
            work = Work(
                title=record["title"], summary=record["summary"], language=record["language"],
                rating=record["rating"], warnings=record["warnings"], categories=record["categories"],
                status=record["status"], chapters_posted=record.get("chapters_posted", 1),
                chapters_expected=record.get("chapters_expected"), words=record.get("words", 0),
                published_at=datetime.fromisoformat(record["published_at"]),
                revised_at=datetime.fromisoformat(record["revised_at"]),
                source_site=record["source"]["site"], source_id=record["source"]["id"], **record["stats"],
                authors=[authors.setdefault(name, Author(name=name)) for name in dict.fromkeys(record["authors"])],
                tags=[tags.setdefault(key, Tag(type=key[0], name=key[1])) for key in names],
            )  # fmt: skip
            db.add(work)
            db.flush()
            db.execute(text("INSERT INTO works_fts (rowid, title, summary) VALUES (:id, :title, :summary)"),
                       {"id": work.id, "title": work.title, "summary": work.summary})  # fmt: skip
            for position, chapter in enumerate(record.get("chapters", []), 1):
                row = Chapter(work_id=work.id, position=position, content=chapter["content"])
                db.add(row)
                db.flush()
                db.execute(text("INSERT INTO chapters_fts (rowid, content) VALUES (:id, :content)"),
                           {"id": row.id, "content": row.content})  # fmt: skip
            count += 1
            if count % 500 == 0:
                db.commit()
        db.commit()
    return count / (time.perf_counter() - started)


_TYPES = ("fandom", "character", "relationship", "freeform")
app.add_middleware(CompressMiddleware, minimum_size=1024)

if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps([fill(Path(name)) for name in sys.argv[2:]]))
        sys.exit()
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False)
