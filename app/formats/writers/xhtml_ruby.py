"""Ruby text: each base with its reading in brackets, which is the only order that the schema of books takes."""

from __future__ import annotations

from app.formats.writers.xhtml_attributes import attributes_of, image_link

_KEPT = frozenset("b bdi cite code del em i ins mark q s small span strong sub sup u".split())  # noqa: SIM905


class Ruby:
    """Collects what stands between ``<ruby>`` and its end; formatting that goes across a reading ends there."""

    def __init__(self, *, linked: bool) -> None:
        self._linked = linked
        self._pairs: list[tuple[str, str]] = []
        self._base: list[str] = []
        self._reading: list[str] | None = None
        self._depth = 1
        self._skipping = 0
        self._open: list[tuple[str, bool]] = []
        """Formatting that is on, and whether it is written."""

    def text(self, text: str) -> None:
        """Take text, escaped."""
        if not self._skipping:
            self._here().append(text)

    def tag(self, name: str, raw: str, *, closes: bool) -> bool:
        """Take a tag; whether the ruby text ends with it."""
        if name == "ruby":
            self._depth += -1 if closes else 1
            return self._depth == 0
        if name == "rp":
            self._skipping = max(0, self._skipping + (-1 if closes else 1))
        elif name == "rt":
            self._part(closes=closes)
        elif self._skipping:
            pass
        elif name in {"br", "wbr"}:
            self._here().append(f"<{name}/>")
        elif name == "img":
            self._here().append(image_link(raw, linked=self._linked))
        elif name in _KEPT:
            self._format(name, raw, closes=closes)
        return False

    def written(self) -> str:
        """The whole ruby text; what follows the last reading stands behind it."""
        self._part(closes=True)
        rest = "".join(self._base)
        if not self._pairs:
            return rest
        pairs = "".join(f"{base}<rp>(</rp><rt>{reading}</rt><rp>)</rp>" for base, reading in self._pairs)
        return f"<ruby>{pairs}</ruby>{rest}"

    def _here(self) -> list[str]:
        return self._base if self._reading is None else self._reading

    def _part(self, *, closes: bool) -> None:
        here = self._here()
        here += [f"</{name}>" for name, written in reversed(self._open) if written]
        self._open = [(name, False) for name, _ in self._open]
        if self._reading is not None:
            self._pairs.append(("".join(self._base), "".join(self._reading)))
            self._base, self._reading = [], None
        if not closes:
            self._reading = []

    def _format(self, name: str, raw: str, *, closes: bool) -> None:
        if not closes:
            self._open.append((name, True))
            self._here().append(f"<{name}{attributes_of(name, raw)}>")
        elif self._open:
            opened, written = self._open.pop()
            if written:
                self._here().append(f"</{opened}>")
