"""The one allow-list of HTML, and what the kit knows about each tag."""

# ruff: noqa: SIM905  (tag lists read best as one string)

from __future__ import annotations

from types import MappingProxyType
from typing import Final

FORMATTING: Final = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that an HTML5 parser opens again in the next block if they were not closed (HTML, 13.2.4.3)."""

VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())

INLINE: Final = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em i img ins kbd mark q rp rt ruby s samp small span"
    " strike strong sub sup tt u var wbr".split()
)

_BLOCKS = frozenset(
    "address blockquote br center caption col colgroup dd details div dl dt figcaption figure"
    " h1 h2 h3 h4 h5 h6 hr li ol p pre summary table tbody td tfoot th thead tr ul".split()
)

ALLOWED: Final = INLINE | _BLOCKS

EVERYWHERE: Final = frozenset({"lang", "dir", "title", "align"})
"""Attributes that any element may carry; in chapter texts ``class`` too."""

ATTRIBUTES: Final = MappingProxyType(
    {
        "a": frozenset({"href"}),
        "img": frozenset({"src", "alt", "width", "height"}),
        "ol": frozenset({"start"}),
        "td": frozenset({"colspan", "rowspan"}),
        "th": frozenset({"colspan", "rowspan"}),
    }
)

DROPPED_WITH_CONTENT: Final = frozenset("iframe noembed noframes script style template title".split())

_TABLES = frozenset("caption col colgroup table tbody td tfoot th thead tr".split())

SIMPLE: Final = ALLOWED - _TABLES
"""Tags whose parsing depends on nothing but what is open."""

ROUND_TRIP: Final = frozenset("p br hr em strong i b u s div blockquote span".split())
"""Tags of which every tree an HTML5 parser can build from SIMPLE markup reads back the same."""
