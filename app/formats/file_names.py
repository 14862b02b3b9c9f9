"""What the name of a file says of the work in it: a title, and the site and number that a tool wrote there.

A name is the least sure of all that is known: it counts only where the text names no source, and is said.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from app.formats.manuscript import Manuscript, SourceRef

_SITES = {
    "ao3": ("archiveofourown.org", "https://archiveofourown.org/works/{}"),
    "ffnet": ("fanfiction.net", "https://www.fanfiction.net/s/{}/1/"),
    "fpcom": ("fictionpress.com", "https://www.fictionpress.com/s/{}/1/"),
    "fimficnet": ("fimfiction.net", "https://www.fimfiction.net/story/{}"),
    "rylrdl": ("royalroad.com", "https://www.royalroad.com/fiction/{}"),
    "fsb": ("forums.spacebattles.com", "https://forums.spacebattles.com/threads/{}/"),
    "siye": ("siye.co.uk", "http://www.siye.co.uk/siye/viewstory.php?sid={}"),
}
"""What FanFicFare calls a site in the names of its files: its host, and the address of a work there."""
_ALSO = {"ffn": "ffnet", "fanfiction.net": "ffnet", "archiveofourown": "ao3", "archiveofourown.org": "ao3"}
_NAMES = "|".join(map(re.escape, sorted({*_SITES, *_ALSO}, key=len, reverse=True)))
_COPY = re.compile(r"(?: ?\([0-9]{1,3}\)| - Copy|\.kepub)+$", re.IGNORECASE)
_AT_END = re.compile(rf"(?P<title>.+?)[-_ ]+(?P<site>{_NAMES})_(?P<id>[0-9]{{1,12}})", re.IGNORECASE)
_AT_BEGIN = re.compile(
    rf"(?:https?[-_:]+)?(?:www\.)?(?P<site>{_NAMES})[-_ ]+(?:(?:works?|s|story)[-_ ]+)?"
    r"(?P<id>[0-9]{1,12})(?:[-_ ]+(?P<title>\D.*))?",
    re.IGNORECASE,
)
_ARCHIVE = re.compile(r"(?:\.(?:zip|tar|tgz|tbz2?|txz|gz|bz2|xz))+$", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_WORK = re.compile(r"works?[-_ ](?P<id>[0-9]{2,12})", re.IGNORECASE)


def unescaped(name: str) -> str:
    """A name without the escapes of addresses, where every ``%`` of it begins one and all make a text."""
    if "%" not in name or len(_ESCAPE.findall(name)) != name.count("%"):
        return name
    try:
        plain = unquote(name, errors="strict")
    except UnicodeDecodeError:
        return name
    return plain if plain.isprintable() and plain.strip() else name


def address_of(site: str, number: str) -> str | None:
    """The address of a work that a tool names by a site and a number there; ``None`` for sites that are not known."""
    known = _SITES.get(_ALSO.get(site.casefold(), site.casefold()))
    plain = number.strip().lstrip("0")
    return known[1].format(plain) if known is not None and plain.isascii() and plain.isdecimal() else None


def title_from_name(name: str) -> str:
    """A title where there is no other: the file's name without folders and extension; ``-`` is standard input."""
    stem = unescaped(PurePosixPath(name.replace("\\", "/")).stem.strip())
    found = _AT_END.fullmatch(_COPY.sub("", stem)) or _AT_BEGIN.fullmatch(_COPY.sub("", stem))
    title = (found["title"] or stem).strip(" -_") if found is not None else stem
    return title if title and name != "-" else "Untitled"


def title_of_archive(name: str) -> str:
    """What an archive of files is called: its name without its endings; empty for standard input."""
    last = unescaped(PurePosixPath(name.replace("\\", "/")).name)
    return " ".join(_ARCHIVE.sub("", last).replace("_", " ").split()).strip(" -")


def take_source(work: Manuscript, name: str, file_format: str | None) -> None:
    """Give a work without a source the one that its file's name tells; ``work_12`` counts for files of one site."""
    if work.source is not None or work.source_urls or work.key is not None:
        return
    stem = _COPY.sub("", PurePosixPath(name.replace("\\", "/")).stem.strip())
    found = _AT_END.fullmatch(stem) or _AT_BEGIN.fullmatch(stem)
    site = _ALSO.get(found["site"].lower(), found["site"].lower()) if found is not None else "ao3"
    if found is None and (file_format or "").startswith("ao3-"):
        found = _WORK.fullmatch(stem)
    if found is None:
        return
    number = found["id"].lstrip("0")
    if number:
        host, address = _SITES[site]
        work.source = SourceRef(host, number, address.format(number))
        work.notices.append(f"The file names no source; {host} and the number {number} were taken from its name.")
