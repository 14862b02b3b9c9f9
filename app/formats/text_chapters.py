"""A plain text cut into chapters at its headings; its table of contents is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from app.formats.headings import (
    Heading,
    bare,
    bare_heading,
    chapter_heading,
    counted_heading,
    is_contents_heading,
    is_part_heading,
    part_heading,
)
from app.formats.text_layout import Block

_TITLE_LINES = 5
_TITLE_LENGTH = 400
_TITLE_LIMIT = 255
_WRAPPED_LINE = 50
_CONTENTS_RUN = 3
"""So many headings without text between them are a table of contents."""
_NUMERALS_ENOUGH = 2
_CHAPTER_LENGTH = 300
_ENDS = frozenset(".!?…\"”’'»~—*。！？」")


@dataclass(slots=True)
class Section:
    """A heading and the blocks up to the next one.

    ``continued`` are the lines right under the heading that may be its title; ``lead`` is what names the part or book
    that begins here; ``part_at`` is where in ``blocks`` such a name stands.
    """

    heading: Heading
    continued: Block = field(default_factory=list)
    lead: list[Block] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    part_at: int | None = None

    @property
    def identity(self) -> str:
        """The heading's letters, by which an entry of a table of contents is found again."""
        words = " ".join([self.heading.line, *map(bare, self.continued)]).casefold()
        return "".join(filter(str.isalnum, words))


@dataclass(slots=True)
class Cut:
    """What a text was cut into: ``front`` stands before the first chapter; ``notices`` say what was left out."""

    front: list[Block]
    chapters: list[Section]
    notices: list[str]


def cut(blocks: list[Block]) -> Cut:
    """Cut at chapter headings; without any at numerals that stand alone and count up, or at parts."""
    numerals = _numerals(blocks)
    named = (lambda line: chapter_heading(line) or bare_heading(line)) if numerals else chapter_heading
    blocks = [_without_rules(block, named) for block in blocks]
    ways = (named, *((counted_heading,) if _counted(blocks) else ()), part_heading)
    for find in ways:
        front, sections = _sections(blocks, find)
        notices: list[str] = []
        chapters = _with_text(_without_contents(front, sections, notices), notices)
        if chapters:
            front = [block for block in front if not (len(block) == 1 and is_contents_heading(block[0]))]
            return Cut(front, chapters, notices)
    return Cut(blocks, [], [])


def titles(chapters: list[Section]) -> list[str]:
    """The chapters' titles: without "Chapter 3" where that says no more than the place."""
    numbers = [section.heading.number for section in chapters if section.heading.numbered]
    counts_up = numbers == list(range(1, len(numbers) + 1))
    return [_title(section, counts_up=counts_up) for section in chapters]


def _title(section: Section, *, counts_up: bool) -> str:
    heading = section.heading
    continued = " ".join(map(bare, section.continued))
    if counts_up or not heading.numbered:
        title = " ".join(filter(None, [heading.title, continued]))
    elif not continued:
        title = heading.line
    else:
        between = " " if heading.title or heading.line[-1] in ".:—–-" else ": "
        title = f"{heading.line}{between}{continued}"
    if len(title) > _TITLE_LIMIT:
        # Too long to be one: the heading alone, and the rest is text again.
        section.blocks.insert(len(section.lead), section.continued)
        title = heading.line
    return title


def _sections(blocks: list[Block], find: Callable[[str], Heading | None]) -> tuple[list[Block], list[Section]]:
    """What stands before the first heading, and a section a heading."""
    front: list[Block] = []
    sections: list[Section] = []
    lead: list[Block] = []  # names of parts that stood in front of the first heading
    for block in blocks:
        listed = _listed(block, find)
        if len(listed) >= _CONTENTS_RUN:
            sections.extend(map(Section, listed))
            continue
        heading = find(block[0])
        if heading is not None:
            if sections:
                lead = _take_lead(sections[-1])
            sections.append(_section(heading, block[1:], lead))
            lead = []
        elif not sections:
            if lead or is_part_heading(block[0]):
                lead.append(block)
            else:
                front.append(block)
        else:
            section = sections[-1]
            if section.part_at is None and is_part_heading(block[0]) and _is_short(block):
                section.part_at = len(section.blocks)
            section.blocks.append(block)
    return front + lead, sections


def _listed(block: Block, find: Callable[[str], Heading | None]) -> list[Heading]:
    """The headings of a block that is nothing but headings, line by line: a table of contents."""
    listed = []
    for line in block:
        heading = find(line)
        if heading is not None:
            listed.append(heading)
        elif not is_part_heading(line) and not is_contents_heading(line):
            return []
    return listed


def _section(heading: Heading, under: Block, lead: list[Block]) -> Section:
    if under and _is_title_of(heading, under):
        return Section(heading, continued=under, lead=lead)
    return Section(heading, lead=lead, blocks=[under] if under else [])


def _is_title_of(heading: Heading, under: Block) -> bool:
    """Whether the lines right under a heading are its title: one line, or the rest of a title that was wrapped."""
    if sum(map(len, under)) > _TITLE_LENGTH or len(under) > _TITLE_LINES:
        return False
    if heading.title and heading.numbered:
        return len(heading.line) >= _WRAPPED_LINE
    text = bare(under[0])
    return len(under) == 1 and len(text) <= _WRAPPED_LINE * 2 and bool(text) and (text[0].isalnum() or text[0] in "¿¡(")


def _is_short(block: Block) -> bool:
    return len(block) <= _TITLE_LINES and sum(map(len, block)) <= _TITLE_LENGTH


def _take_lead(section: Section) -> list[Block]:
    """What a section has from the name of a part on belongs to the next one."""
    if section.part_at is None:
        return []
    lead = section.blocks[section.part_at :]
    del section.blocks[section.part_at :]
    return lead


def _numerals(blocks: list[Block]) -> bool:
    """Whether numerals that stand alone are the headings: they count up, and no heading with a word has a number."""
    headings = [bare_heading(block[0]) for block in blocks]
    numbers = [heading.number for heading in headings if heading is not None]
    if len(numbers) < _NUMERALS_ENOUGH or numbers != list(range(1, len(numbers) + 1)):
        return False
    named = (chapter_heading(block[0]) for block in blocks if len(block) < _CONTENTS_RUN)
    return not any(heading is not None and heading.numbered for heading in named)


def _counted(blocks: list[Block]) -> bool:
    """Whether numbers, with titles or without, are the headings: they count up, and whole sentences lie between.

    Those of pages cut sentences apart, and those of lists have little between them.
    """
    found = [(at, heading) for at, block in enumerate(blocks) if (heading := counted_heading(block[0])) is not None]
    places = [at for at, _ in found]
    if len(found) < _NUMERALS_ENOUGH or [heading.number for _, heading in found] != list(range(1, len(found) + 1)):
        return False
    between = [blocks[start + 1 : end] for start, end in zip(places, [*places[1:], len(blocks)], strict=True)]
    lengths = [sum(len(line) for block in text for line in block) for text in between]
    ended = (blocks[at - 1][-1].rstrip(" *_)") for at in places[1:])
    return (
        min(lengths) > 0
        and sum(lengths) >= _CHAPTER_LENGTH * len(lengths)
        and all(line[-1:] in _ENDS for line in ended)
    )


def _without_rules(block: Block, find: Callable[[str], Heading | None]) -> Block:
    """A block without the rules that are drawn above and below its heading."""
    start = 1 if len(block) > 1 and _is_rule(block[0]) and find(block[1]) is not None else 0
    if start + 1 < len(block) and find(block[start]) is not None and _is_rule(block[start + 1]):
        return [block[start], *block[start + 2 :]]
    return block[start:]


def _is_rule(line: str) -> bool:
    return len(line.strip()) > 2 and not any(map(str.isalnum, line))  # noqa: PLR2004  more than a dash or two


def _without_contents(front: list[Block], sections: list[Section], notices: list[str]) -> list[Section]:
    """Drop headings that only list chapters: a run of them without text, and those that come again below."""
    later = Counter(section.identity for section in sections)
    runs = _empty_runs(sections)
    first_numbers = _next_numbers(sections)
    kept: list[Section] = []
    listed = passed = 0
    for at, section in enumerate(sections):
        later[section.identity] -= 1
        recurs = later[section.identity] > 0
        after_entry = listed + 1 >= _CONTENTS_RUN and listed + passed == at and not sections[at - 1].blocks
        if not section.blocks and (recurs or runs[at] >= _CONTENTS_RUN):
            listed += 1
            front.extend(block for block in section.lead if not is_part_heading(block[0]))
            if section.continued and not recurs:
                # It may have been the whole of a short chapter: nothing is lost for having looked like a title.
                front.append(section.continued)
        elif after_entry and _is_last_entry(section, first_numbers[at + 1], recurs=recurs):
            # What follows the last entry of the contents stands before the first chapter.
            passed += 1
            front.extend([*section.lead, *section.blocks])
        else:
            kept.append(section)
    if listed:
        notices.append("The table of contents was left out.")
    return kept


def _empty_runs(sections: list[Section]) -> list[int]:
    """For each section the length of the run without text that it is in; 0 for those with text."""
    runs: list[int] = []
    at = 0
    while at < len(sections):
        end = at
        while end < len(sections) and not sections[end].blocks:
            end += 1
        runs.extend([end - at] * (end - at))
        if end < len(sections):
            runs.append(0)
        at = end + 1
    return runs


def _next_numbers(sections: list[Section]) -> list[int | None]:
    """For each place the number of the first numbered heading from there on; one place more than sections."""
    numbers: list[int | None] = [None]
    for section in reversed(sections):
        numbers.append(section.heading.number if section.heading.numbered else numbers[-1])
    return numbers[::-1]


def _is_last_entry(section: Section, next_number: int | None, *, recurs: bool) -> bool:
    """Whether a heading still belongs to the contents: it comes again below, or the numbers start over behind it."""
    heading = section.heading
    starts_over = heading.numbered and heading.number != 1 and next_number == 1
    return starts_over or (recurs and (bool(heading.title) or heading.number != 1))


def _with_text(sections: list[Section], notices: list[str]) -> list[Section]:
    chapters = []
    for section in sections:
        if not section.blocks and section.continued:
            section.blocks, section.continued = [section.continued], []
        if section.blocks:
            section.blocks = [*section.lead, *section.blocks]
            chapters.append(section)
        else:
            notices.append(f"A heading without text was left out: “{section.heading.line[:80]}”.")
    return chapters
