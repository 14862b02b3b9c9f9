"""Who is asking, and what that lets them see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of a request. ``signed_in`` opens works for registered readers."""

    signed_in: bool = False

    @property
    def visibilities(self) -> tuple[str, ...]:
        """The visibilities of published works that the viewer finds in lists and search."""
        return ("public", "registered") if self.signed_in else ("public",)


GUEST = Viewer()
