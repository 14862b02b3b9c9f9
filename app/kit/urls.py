"""Addresses of works elsewhere: one form for each, so that the same work is met again."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

AO3 = "archiveofourown.org"
_AO3_HOSTS = frozenset({AO3, "archiveofourown.com", "archiveofourown.net", "archiveofourown.gay", "ao3.org"})
_AO3_PREFIX = re.compile(r"(?:insecure|download|m)\.")
_NO_HOST = re.compile(r"[^0-9a-z.:_~-]")
_WWW = re.compile(r"^(?:www\.)+")
_MOBILE = {"m.fanfiction.net": "fanfiction.net", "m.fictionpress.com": "fictionpress.com"}
_STORY_SITES = frozenset(_MOBILE.values())

_AO3_WORK = re.compile(r"(?:/(?:collections|users)/[^/]+)*/works/0*([0-9]+)(?:/(?:chapters(?:/[0-9]+)?|navigate))?")
_AO3_DOWNLOAD = re.compile(r"/downloads/(?:[^/]+/[^/]+/)?0*([0-9]+)/[^/]+")
_STORY = re.compile(r"/s/0*([0-9]+)(?:/.*)?")

_IGNORED_PARAMETERS = frozenset({"style", "view_adult", "view_full_work"})
_ESCAPE = re.compile(r"%(?:([0-9A-Fa-f]{2}))?")
_UNSAFE = re.compile(r"[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
LONGEST_URL = 2_000
"""Of an address, and of its normal form, in which some characters become nine."""
_LONGEST_HOST = 253


class _Address(NamedTuple):
    host: str
    path: str
    query: str


def normalise_source_url(url: str) -> str | None:
    """Return ``host/path?query``, by which addresses of one work compare; None for no http(s) address, or a long one.

    Scheme, ``www.``, default ports, user names, fragment, trailing slashes, the case of the host and the
    parameters ``style``, ``view_adult``, ``view_full_work`` and ``utm_*`` do not count; others do, sorted.
    Percent escapes are those of RFC 3986, section 6.2.2. An AO3 work is ``archiveofourown.org/works/N``
    whatever chapter, collection, mirror host or download it was reached by.
    """
    address = _address(url)
    if address is None:
        return None
    host, path, query = address
    query = _parameters(query)
    if host == AO3:
        work = _AO3_WORK.fullmatch(path)
        if work is not None:
            path = f"/works/{work[1]}"
        else:
            download = _AO3_DOWNLOAD.fullmatch(path)
            if download is not None:
                path, query = f"/works/{download[1]}", ""
    key = f"{host}{path}?{query}" if query else host + path
    return key if len(key) <= LONGEST_URL else None


def source_site(url: str) -> str | None:
    """Return the site of an http(s) address: its host without ``www.``, mirrors under their main name."""
    address = _address(url)
    return None if address is None else address.host


def source_id(url: str) -> tuple[str, str] | None:
    """Return site and work id where the site's addresses show one (AO3, fanfiction.net, fictionpress.com)."""
    address = _address(url)
    if address is None:
        return None
    if address.host == AO3:
        found = _AO3_WORK.fullmatch(address.path) or _AO3_DOWNLOAD.fullmatch(address.path)
    elif address.host in _STORY_SITES:
        found = _STORY.fullmatch(address.path)
    else:
        found = None
    return None if found is None else (address.host, found[1])


def _address(url: str) -> _Address | None:
    url = url.strip()
    if len(url) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:  # brackets or ports that urlsplit refuses
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    return _Address(host, _path(parts.path), parts.query)


def _host(parts: SplitResult) -> str:
    """Return the host, with its port where that is not a default one; empty for what cannot be a host."""
    host = (parts.hostname or "").rstrip(".")
    if len(host) > _LONGEST_HOST:
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return ""
    if _NO_HOST.search(host):
        return ""
    host = _WWW.sub("", host)
    if not host:
        return ""
    bare = _AO3_PREFIX.sub("", host, count=1) if host.startswith(("insecure.", "download.", "m.")) else host
    if bare in _AO3_HOSTS:
        host = AO3
    host = _MOBILE.get(host, host)
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return host if port in {None, 80, 443} else f"{host}:{port}"


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in _escapes(path).split("/")[1:]:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(["", *kept]).rstrip("/")


def _parameters(query: str) -> str:
    pairs = []
    for pair in query.split("&"):
        pair = _escapes(pair.replace("+", "%20"))  # noqa: PLW2901  (the same pair, normalised)
        name = pair.partition("=")[0].lower()
        if pair and name not in _IGNORED_PARAMETERS and not name.startswith("utm_"):
            pairs.append(pair)
    return "&".join(sorted(pairs))


def _escapes(text: str) -> str:
    """Write what needs it as ``%XX`` in capitals, and nothing else (RFC 3986, section 6.2.2)."""
    return _UNSAFE.sub(_escape, _ESCAPE.sub(_shorten, text) if "%" in text else text)


def _shorten(found: re.Match[str]) -> str:
    if found[1] is None:
        return "%25"
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))
