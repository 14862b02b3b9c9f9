"""Why something cannot be downloaded."""

from __future__ import annotations

from app.errors import Conflict, Forbidden


class DownloadRefused(Forbidden):
    """Its author does not allow downloads (`consent.download` is `no`)."""

    code, title = "download-refused", "Not for download"
    detail = "Its author does not allow downloads; it can be read here."


class DownloadTooLarge(Conflict):
    """It is too long for one file: chapters, or the works of a series or an author, can be read one by one."""

    code, title = "download-too-large", "Too large for one file"
