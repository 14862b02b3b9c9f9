"""Messages to lists and newsgroups: one a file (EML, a saved post), or a whole folder of them (mbox).

A message is a work where its text is one: replies and short notes fail and say so. Parts of a story that were sent one
by one, ``The Fox (2/5)``, are its chapters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import BinaryIO

from app.formats.decoding import decoded
from app.formats.heading_chapters import cut_at_headings, place_front, unwrapped
from app.formats.labelled_head import take_from
from app.formats.manuscript import Manuscript, ReadItem
from app.formats.markup import first, parse_html, sound
from app.formats.numbered_names import Numbered, shared
from app.formats.parted_stories import Parted
from app.formats.plain_works import read_into
from app.formats.problems import Unreadable
from app.formats.reading import Reader
from app.kit.dates import parse_source_date

LARGEST = 32 * 1024 * 1024
"""Of one message, in bytes."""
_BEGINS = re.compile(rb"From \S{1,200} .{0,200}[0-9]{4}")
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]?")
_SURE = frozenset(
    {b"message-id", b"mime-version", b"newsgroups", b"received", b"return-path", b"delivered-to", b"path"}
)
_MOST_HEADERS = 100
_REPLY = re.compile(r"(?:(?:re|fwd?|aw|wg|sv|antw)(?:\[[0-9]{1,3}\])?:\s*)+", re.IGNORECASE)
_TAGS = re.compile(
    r"(?:\[[^\]]{1,60}\]\s*|(?:ff?n?|(?:fan)?fic(?:tion)?|story|new|rep(?:ost)?|adult|ot)\s*:\s*)+", re.IGNORECASE
)
_FOOTER = re.compile(r"^(?:-- $|To unsubscribe |Yahoo! Groups Links)", re.MULTILINE)
_LONGEST_FOOTER = 2_000
_FEWEST_WORDS = 60
_FIRST_YEAR = 1970
_SPACES = re.compile(r"\s+")


def score(head: bytes, name: str) -> float:
    """A folder of messages, or the headers of one, of which one is in no text that somebody writes."""
    if _BEGINS.match(head):
        return 0.8 if b"\nFrom:" in head or b"\nSubject:" in head else 0.0
    names = set()
    for line in head.split(b"\n", _MOST_HEADERS)[:_MOST_HEADERS]:
        found = _HEADER.match(line)
        if found is not None:
            names.add(found[1].lower())
        elif not line.startswith((b" ", b"\t")) or not names:
            break
    sure = bool(names & _SURE) or name.lower().endswith(".eml")
    return 0.8 if {b"from", b"subject"} <= names and sure else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """An item a message, those of a story in parts as one behind the others."""
    parted = Parted("messages", "mail")
    for number, data in enumerate(_messages(stream), 1):
        item, part = _item(data, name, number)
        if not parted.takes(item, part):
            yield item
    yield from parted.joined()


def _messages(stream: BinaryIO) -> Iterator[bytes]:
    """The messages of a folder, or the one that a file is; of one that is far too long, what shows that."""
    lines: list[bytes] = []
    size, blank = 0, True
    while line := stream.readline(LARGEST):
        if blank and lines and _BEGINS.match(line):
            yield b"".join(lines)
            lines, size = [], 0
        blank = not line.strip()
        size += len(line)
        if size <= 2 * LARGEST:
            lines.append(line[1:] if line.startswith(b">From ") else line)
    if lines:
        yield b"".join(lines)


def _item(data: bytes, name: str, number: int) -> tuple[ReadItem, Numbered | None]:
    many = _BEGINS.match(data) is not None
    where = f"{name} message {number}" if many else name
    try:
        work, part = _work(data)
    except Unreadable as error:
        return ReadItem(where, problem=error.as_problem()), None
    return ReadItem(where, work, format="mail"), part


def _work(data: bytes) -> tuple[Manuscript, Numbered | None]:
    if len(data) > LARGEST:
        raise Unreadable("too-large", f"A message may have {LARGEST // 2**20} MiB.")
    try:
        message = message_from_bytes(data, policy=policy.compat32)
        subject, sender = _header(message, "Subject"), _header(message, "From")
        work = _read(message)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("bad-message", f"The message cannot be read: {type(error).__name__}.") from error
    told = _is_told(work)
    words = sum(len(_SPACES.findall(chapter.content)) for chapter in work.chapters)
    if not told and (_REPLY.match(subject) or words < _FEWEST_WORDS):
        what = "a reply to another" if _REPLY.match(subject) else "short, and names no title"
        raise Unreadable("no-story", f"The message “{subject[:80]}” is {what}: it was taken for no story.")
    part = shared(_plain(subject))
    title = part.stem if part is not None else _plain(subject)
    work.title = work.title or title or None
    name, address = parseaddr(sender)
    author = name.strip(" \"'") or address.partition("@")[0]
    work.authors = work.authors or ([author] if author else [])
    work.published_at = work.published_at or _date(message)
    # An address is nobody's business; a name is how the author signed.
    signed = sender.replace(address, "").strip(' <>()"') if "@" in address else sender
    for label, value in (("From", signed), ("Subject", subject)):
        if value:
            work.extra.setdefault(label, value[:300])
    own = _header(message, "Message-ID")
    work.key = f"mail:{own[:200]}" if own else None
    return work, part if part is not None and part.key else None


def _is_told(work: Manuscript) -> bool:
    """Whether a head over the text tells of a story."""
    return bool(work.fandoms or work.summary or work.rating or work.relationships or (work.title and work.authors))


def _read(message: Message) -> Manuscript:
    parts = [one for one in message.walk() if one.get_content_maintype() == "text" and not one.get_filename()]
    plain = next((one for one in parts if one.get_content_subtype() == "plain"), None)
    marked = next((one for one in parts if one.get_content_subtype() == "html"), None)
    part = plain if plain is not None else marked
    if part is None:
        raise Unreadable("nothing-to-read", "The message has no text.")
    work = Manuscript()
    text = _decoded(part, work)
    if part is plain:
        footer = _FOOTER.search(text, max(0, len(text) - _LONGEST_FOOTER))
        if footer is not None and text[: footer.start()].strip():
            work.notices.append("What the list or the sender puts under every message was left out.")
            text = text[: footer.start()]
        read_into(work, text)
        if not _is_told(work):
            work.title = None  # the first line may as well greet the list
        return work
    root = parse_html(text)
    body = first(root, ".//body")
    body = unwrapped(root if body is None else body)
    take_from(work, body)
    cut = cut_at_headings(body, work.title or "")
    if not cut.chapters:
        raise Unreadable("no-text", "The message has no text that could be a story.")
    work.title, work.notes, work.chapters = work.title or cut.title or None, work.notes + place_front(cut), cut.chapters
    work.notices += cut.notices
    return work


def _decoded(part: Message, work: Manuscript) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        raise Unreadable("nothing-to-read", "The message has no text.")
    charset = part.get_content_charset()
    try:
        text = data.decode(charset) if charset else ""
    except (LookupError, UnicodeDecodeError):
        text = ""
    text = text or decoded(data, work)
    return sound(text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        text = str(make_header(decode_header(str(raw))))
    except (LookupError, UnicodeError, ValueError):
        text = str(raw)
    return sound(" ".join(text.encode("utf-8", "replace").decode().split()))[:1_000]


def _plain(subject: str) -> str:
    return _TAGS.sub("", _REPLY.sub("", subject), count=1).strip()


def _date(message: Message) -> datetime | None:
    """When it was sent; clocks that go ahead are not believed."""
    said = _header(message, "Date")
    try:
        date = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return parse_source_date(said)
    date = date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC) if date.year > 1 else date.replace(tzinfo=UTC)
    return date if date.year >= _FIRST_YEAR and date <= datetime.now(UTC) else None


READER = Reader("mail", score, read)
