"""Attacks on whoever shows a text, of our own writing, and what no text may hold when it is read back.

What is allowed is written here anew, not taken from the cleaner, so that a mistake there shows.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lxml import etree, html

_CORPUS: dict[str, Any] = json.loads(Path(__file__).with_name("attacks.json").read_bytes())
HTML: list[str] = [attack for family in _CORPUS["html"].values() for attack in family]
MARKDOWN: list[str] = _CORPUS["markdown"]

_ELEMENTS = frozenset(
    "a abbr acronym address b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div"  # noqa: SIM905
    " dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span"
    " strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr".split()
)
_ATTRIBUTES = {"lang", "dir", "title", "align", "class"}
_OWN_ATTRIBUTES = {
    "a": {"href", "rel"},
    "img": {"src", "alt", "width", "height", "loading", "referrerpolicy"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
# A browser ignores controls and spaces before a scheme and line ends and tabs within it (WHATWG URL, 4.4), so these go
# wherever they stand. It does not ignore U+00A0 or U+200B: with those in front, an address is a relative one.
_IGNORED = re.compile(r"[\x00-\x20\x7f]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def dangers(text: str) -> list[str]:
    """What is in HTML that may not be there: elements, attributes, comments, and the schemes of addresses."""
    root = html.fragment_fromstring(f"<div>{text}</div>", create_parent="x-root")
    found = []
    for node in root.iterdescendants():
        if not isinstance(node.tag, str):
            found.append(etree.tostring(node, encoding="unicode"))
            continue
        if node.tag not in _ELEMENTS:
            found.append(f"<{node.tag}>")
        for name, value in node.attrib.items():
            if str(name) not in _ATTRIBUTES | _OWN_ATTRIBUTES.get(node.tag, set()):
                found.append(f"<{node.tag} {name!s}>")
            scheme = _SCHEME.match(_IGNORED.sub("", str(value))) if name in {"href", "src"} else None
            allowed = {"http", "https"} if name == "src" else {"http", "https", "mailto"}
            if scheme is not None and scheme[1].lower() not in allowed:
                found.append(f"{name!s}={value!s}")
    return found
