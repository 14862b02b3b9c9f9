"""The types of tags in tables that do not say them.

A broader tag is of its narrower one's type, so all names that pairs join, over whatever steps, have one type. It is
told by the tags of these names that exist here or stand in the other files: first by wrangled ones, else by any. A few
names among many may be tags of another type too: where ten names agree for each that does not, theirs is the type. What
nothing tells, or what is told in two ways, takes the type that the caller gave, or fails. Each row says what told it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.formats.tag_tables.facts import TAG_TYPES
from app.tags.bulk.spool import Spool
from app.tags.queries.bulk import types_of_names

AGREEING = 10
_BITS = {kind: 1 << place for place, kind in enumerate(TAG_TYPES)}
_ANY = (1 << len(TAG_TYPES)) - 1
# Everything that the rows with types name: what they are about, and, as canonical, what they point at. What this import
# makes canonical counts as such already, so that the same tables tell the same types when its tags are here.
_NAMED = """
CREATE TEMP TABLE named AS
SELECT key, type, max(strong) AS strong FROM (
  SELECT key, type, canonical = 1 OR target_key IS NOT NULL
      OR EXISTS (SELECT 1 FROM links WHERE links.n = facts.n AND what = 'broader') AS strong FROM facts
    WHERE wrangles AND problem IS NULL AND type IS NOT NULL
  UNION ALL SELECT target_key, type, 1 FROM facts
    WHERE wrangles AND problem IS NULL AND type IS NOT NULL AND target_key IS NOT NULL
  UNION ALL SELECT key, type, 1 FROM links WHERE type IS NOT NULL
) GROUP BY key, type
"""


@dataclass(slots=True)
class _Votes:
    """How many names are known as tags of some types."""

    names: int = 0
    common: int = _ANY
    """The types, as bits, that every name is known in."""
    by_type: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, bits: int) -> None:
        """One name more."""
        self.names += 1
        self.common &= bits
        for kind, bit in _BITS.items():
            if bits & bit:
                self.by_type[kind] += 1
                self.first.setdefault(kind, key)

    def types(self) -> list[str]:
        """The types that are possible."""
        if self.common or not self.names:
            return [kind for kind, bit in _BITS.items() if self.common & bit]
        ((kind, most),) = self.by_type.most_common(1)
        return [kind] if most >= AGREEING * (self.names - most) else []


@dataclass(slots=True)
class _Group:
    """What is known of names that have one type, by wrangled tags and by others."""

    strong: _Votes = field(default_factory=_Votes)
    weak: _Votes = field(default_factory=_Votes)

    def tell(self, key: str, strong: int, weak: int) -> None:
        """One of the names is known as tags of some types."""
        if strong:
            self.strong.add(key, strong)
        else:
            self.weak.add(key, weak)

    @property
    def votes(self) -> _Votes:
        """Those that decide."""
        return self.strong if self.strong.names else self.weak


_NOTHING = _Group()


def find_types(connection: Connection, spool: Spool, given: str | None) -> None:
    """Give every row its type, or fail it saying what is ambiguous.

    Parents are looked at before the pairs, which they tell of, and again behind them, which tell of parents: both are
    known when the same tables come again.
    """
    _know(spool)
    if _find_parents(connection, spool, final=False):
        _know(spool)
    if _find_pairs(connection, spool, given):
        _know(spool)
    _find_parents(connection, spool, final=True)


def _know(spool: Spool) -> None:
    spool.query("DROP TABLE IF EXISTS temp.named")
    spool.query(_NAMED)
    spool.query("CREATE INDEX temp.named_key ON named (key)")


def _find_pairs(connection: Connection, spool: Spool, given: str | None) -> bool:
    """Give pairs their types; whether there were any without."""
    spool.query("DROP TABLE IF EXISTS temp.ends")
    spool.query("CREATE TEMP TABLE ends (id INTEGER PRIMARY KEY, key TEXT UNIQUE)")
    spool.query(
        "INSERT OR IGNORE INTO ends (key) SELECT key FROM facts WHERE type IS NULL AND wrangles AND problem IS NULL"
        " UNION SELECT links.key FROM links JOIN facts USING (n) WHERE facts.type IS NULL"
    )
    (last,) = spool.query("SELECT coalesce(max(id), 0) FROM ends")[0]
    if not last:
        return False
    roots = array("q", range(last + 1))
    for one, other in spool.rows(
        "SELECT a.id, b.id FROM facts JOIN links USING (n) JOIN ends a ON a.key = facts.key"
        " JOIN ends b ON b.key = links.key WHERE facts.type IS NULL AND facts.problem IS NULL"
    ):
        roots[_root(roots, one)] = _root(roots, other)
    groups = _groups(connection, spool, roots)
    untyped = (
        "SELECT n, ends.id FROM facts JOIN ends USING (key)"
        " WHERE n > ? AND type IS NULL AND wrangles AND problem IS NULL ORDER BY n LIMIT ?"
    )
    for part in spool.pages(untyped):
        for n, end in part:
            _decide(spool, n, groups.get(_root(roots, end), _NOTHING).votes, given)
    return True


def _root(roots: array[int], one: int) -> int:
    while roots[one] != one:
        roots[one] = roots[roots[one]]
        one = roots[one]
    return one


def _groups(connection: Connection, spool: Spool, roots: array[int]) -> dict[int, _Group]:
    groups: dict[int, _Group] = {}
    for part in spool.pages("SELECT id, key FROM ends WHERE id > ? ORDER BY id LIMIT ?"):
        known = _types(connection, spool, [key for _, key in part])
        for end, key in part:
            if key in known:
                groups.setdefault(_root(roots, end), _Group()).tell(key, *known[key])
    return groups


def _types(connection: Connection, spool: Spool, keys: list[str]) -> dict[str, tuple[int, int]]:
    """The types of some names, those of wrangled tags and the others, as bits."""
    known: dict[str, tuple[int, int]] = {}
    for key, kind, strong in _told(connection, spool, keys):
        wrangled, other = known.get(key, (0, 0))
        bit = _BITS[kind]
        known[key] = (wrangled | bit, other) if strong else (wrangled, other | bit)
    return known


def _told(connection: Connection, spool: Spool, keys: list[str]) -> Iterator[tuple[str, str, bool]]:
    yield from types_of_names(connection, keys)
    for key in keys:
        for kind, strong in spool.query("SELECT type, strong FROM named WHERE key = ?", (key,)):
            if kind in _BITS:
                yield key, kind, bool(strong)


def _decide(spool: Spool, n: int, votes: _Votes, given: str | None) -> None:
    types = votes.types()
    if len(types) == 1:
        (kind,) = types
        agree = "" if votes.common else f", as are {votes.by_type[kind]:,} of {votes.names:,} names joined with it"
        spool.note(n, f"Its type is that of “{votes.first[kind]}”, which is a {kind}{agree}.")
    elif given is not None and (not types or given in types):
        kind = given
    else:
        spool.fail(n, *_why(votes, types))
        return
    spool.query("UPDATE facts SET type = ? WHERE n = ?", (kind, n))
    spool.query("UPDATE links SET type = ? WHERE n = ?", (kind, n))


def _why(votes: _Votes, types: Iterable[str]) -> tuple[str, str]:
    told = ", ".join(f"“{key}” a {kind}" for kind, key in sorted(votes.first.items()))
    if not votes.names:
        return "unknown-type", "Nothing tells the type of these tags; it can be given."
    if types:
        return "ambiguous-type", f"Their type could be {' or '.join(types)}: {told}."
    return "ambiguous-type", f"These tags are joined with tags of several types: {told}."


def _find_parents(connection: Connection, spool: Spool, *, final: bool) -> bool:
    """Whether parents that have no type are fandoms or characters; gives whether any was told.

    Those that nothing tells are refused where it is the ``final`` time.
    """
    untyped = (
        "SELECT rowid, n, key, name FROM links"
        " WHERE rowid > ? AND what = 'parent' AND type IS NULL ORDER BY rowid LIMIT ?"
    )
    told = False
    for part in spool.pages(untyped):
        known = _types(connection, spool, sorted({row[2] for row in part}))
        for rowid, n, key, name in part:
            strong, weak = known.get(key, (0, 0))
            fitting = [kind for kind in ("fandom", "character") if (strong or weak) & _BITS[kind]]
            if len(fitting) == 1:
                spool.query("UPDATE links SET type = ? WHERE rowid = ?", (fitting[0], rowid))
                told = True
            elif final:
                spool.refuse(n, "ambiguous-type", f"Its parent “{name}” could be a fandom or a character.")
    return told
