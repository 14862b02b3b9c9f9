"""A cover made from the title: a pattern that is the work's own, and the title and byline on it.

The font that comes along has the letters of Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic scripts;
others (Chinese, Japanese, Korean, Thai, Indic scripts) need fonts that whoever runs the archive names. A title that no
font has all letters of gets the pattern alone: half a title in boxes is worse than none. The same title gives the same
bytes wherever the same libraries run.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
import math
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

WIDTH, HEIGHT = 600, 900
OWN_FONT = Path(__file__).with_name("fonts") / "DejaVuSans-Bold.ttf"
_MARGIN = 48
_PANEL = 480
_CELLS = 6
_SIZES = (56, 44, 34, 26, 20)
_MISSING = "\uffff"
_COLOURS = 5


@lru_cache(maxsize=256)
def draw_cover(title: str, names: str, fonts: tuple[Path, ...] = ()) -> bytes:
    """The cover as a PNG image."""
    digest = hashlib.sha256(f"{title}\x1f{names}".encode("utf-8", "replace")).digest()
    image = Image.new("P", (WIDTH, HEIGHT), 0)
    image.putpalette(_palette(digest[0] / 256))
    draw = ImageDraw.Draw(image)
    _draw_pattern(draw, digest)
    draw.fontmode = "1"  # no shades: few colours, small files
    font = _font_for(title, fonts)
    if font is not None:
        end = _write(draw, title, font, _SIZES, _MARGIN, _PANEL - 2 * _MARGIN)
        small = _font_for(names, fonts)
        if small is not None:
            _write(draw, names, small, (26, 20), end + 24, HEIGHT - end)
    out = io.BytesIO()
    # A tenth of the time of the highest level, which is most of what a short book costs, for a fifth more bytes.
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def _palette(hue: float) -> list[int]:
    shades = [
        (hue, 0.45, 0.22),
        (hue, 0.40, 0.34),
        (hue + 0.06, 0.45, 0.50),
        (hue + 0.10, 0.50, 0.72),
        (hue, 0.06, 0.97),
    ]
    return [round(255 * part) for shade in shades for part in colorsys.hsv_to_rgb(shade[0] % 1, *shade[1:])]


def _draw_pattern(draw: ImageDraw.ImageDraw, digest: bytes) -> None:
    """Six by four cells below the panel, each a triangle or a disc as the digest says."""
    side = WIDTH // _CELLS
    for cell in range(_CELLS * ((HEIGHT - _PANEL) // side)):
        left, top = side * (cell % _CELLS), _PANEL + side * (cell // _CELLS)
        chance = digest[1 + cell % (len(digest) - 1)]
        colour = 1 + chance % (_COLOURS - 2)
        corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
        if chance & 64:
            draw.polygon([corner for place, corner in enumerate(corners) if place != chance >> 6 & 3], colour)
        else:
            draw.ellipse((left + 8, top + 8, left + side - 8, top + side - 8), colour)


def _is_complex(text: str) -> bool:
    return any(unicodedata.bidirectional(one) in {"R", "AL"} for one in text)


@lru_cache(maxsize=64)
def _load(path: Path, size: int, *, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(path), size, layout_engine=engine)


def _font_for(text: str, fonts: Sequence[Path]) -> Path | None:
    """The first font that has every letter; none for scripts that this machine cannot join."""
    if _is_complex(text) and not features.check("raqm"):
        return None
    return next((path for path in (OWN_FONT, *fonts) if _has_all(path, text)), None)


def _has_all(path: Path, text: str) -> bool:
    try:
        font = _load(path, 20, shaped=False)
    except OSError:  # a file that is no font
        return False
    missing = bytes(font.getmask(_MISSING))
    return all(bytes(font.getmask(one)) != missing for one in set(text) if not one.isspace())


def _write(draw: ImageDraw.ImageDraw, text: str, path: Path, sizes: Sequence[int], top: int, height: int) -> int:
    """Write a text in the largest size that fits, cut where none does; where it ends."""
    shaped = _is_complex(text)
    for size in sizes:
        font = _load(path, size, shaped=shaped)
        lines = _wrap(text, font)
        step = round(size * 1.25)
        if len(lines) * step <= height or size == sizes[-1]:
            break
    lines = lines[: max(1, height // step)]
    for number, line in enumerate(lines):
        length = font.getlength(line)
        left = WIDTH - _MARGIN - length if shaped else _MARGIN
        draw.text((round(left), top + number * step), line, _COLOURS - 1, font)
    return top + len(lines) * step


def _wrap(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """Lines that fit; a word that alone does not (or a text without spaces) is cut anywhere."""
    width = WIDTH - 2 * _MARGIN
    lines: list[str] = []
    for whole in text.split():
        word = whole
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
            continue
        while word:
            lengths = range(1, len(word) + 1)
            fitting = max(1, bisect_right(lengths, width, key=partial(_length, font, word)))
            lines.append(word[:fitting])
            word = word[fitting:]
    return lines


def _length(font: ImageFont.FreeTypeFont, word: str, letters: int) -> int:
    return math.ceil(font.getlength(word[:letters]))
