"""Requirements out of a specification's blocks: quotes, letter by letter, with their lead-ins.

What counts as one requirement follows the document: a statement with an identifier of its own, a
list item and a table row are one each, whatever they hold; running text is read sentence by
sentence. Items without a number below a numbered statement are parts of it: the document counts
them as one. Time grows linearly with the text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from runs.analyst.classify import classify
from runs.analyst.conventions import states_facts_by_will, words_declared_unbinding
from runs.analyst.identifiers import family_of
from runs.analyst.numbering import binding_families, numbers_requirements
from runs.analyst.parameters import fraction
from runs.analyst.passages import (
    SectionKind,
    is_deleted,
    is_label,
    is_remark,
    is_use_case_label,
    remark_start,
    section_kind,
)
from runs.analyst.project_words import ProjectWords, words_of_project
from runs.analyst.quality_class import quality_class
from runs.analyst.signals import Judgement, Place, judge
from runs.analyst.table_rows import read_row
from runs.analyst.tags import tag_at_end, tagged
from runs.language.modals import Strength, find_modals
from runs.language.sentences import split_sentences
from runs.language.span import Span, trimmed
from runs.requests import (
    BlockIn,
    ExtractAnswer,
    ExtractedRequirement,
    ExtractRequest,
    Quote,
)

MINIMUM_CONFIDENCE = 0.5
_LEADING = 0.7
"""Confidence from which an introducing sentence makes requirements of its items."""

WHOLE = 1500
"""Characters up to which an identified statement or list item is taken as one requirement."""

_ENDS_OPEN = re.compile(r":\s?(?:\([A-Z]{1,3}\)\s?|\[[A-Z][\w.\-]{0,20}\d\]\s?)?$")
_GIVES_EXAMPLES = re.compile(
    r"\b(?:e\.?g\.?|for example|for instance|such as)\s?:\s?(?:\([A-Z]{1,3}\)\s?)?$", re.IGNORECASE
)
_ANNOUNCES = re.compile(r"\b(?:following|these|those|below|as follows)\b", re.IGNORECASE)
_ITEM_END = re.compile(r"(?:[;,.]|[;,]?\s(?:and|or)[;,]?)$")


def extract(request: ExtractRequest, parameters: Mapping[str, object]) -> ExtractAnswer:
    """The requirements of the request's blocks, in their order.

    Parameters: `minimum_confidence` (0 to 1), below which a statement is left out.
    """
    least = fraction(parameters, "minimum_confidence", MINIMUM_CONFIDENCE)
    found = _Reader(request.blocks, words_of_project(request.domain)).read()
    return ExtractAnswer(requirements=[each for each in found if each.confidence >= least])


@dataclass(frozen=True, slots=True)
class _LeadIn:
    """A sentence that ends with a colon: the items below belong to it."""

    quote: Quote | None  # None: it introduces nothing that is required
    judgement: Judgement | None
    level: int
    style: str
    counted: bool = False  # it is a requirement of its own, its items are parts of it


class _Reader:
    """Walks the blocks once and remembers where it stands."""

    def __init__(self, blocks: Sequence[BlockIn], project: ProjectWords) -> None:
        self._blocks = blocks
        self._project = project
        self._unbinding = words_declared_unbinding(block.text for block in blocks)
        self._states_facts = states_facts_by_will(block.text for block in blocks)
        self._binding_families = binding_families(blocks, project)
        self._numbers = numbers_requirements(blocks, self._binding_families, project)
        self._use_case = False
        self._headings: list[tuple[int, SectionKind]] = []
        self._section = ("", SectionKind.OTHER)
        self._leads: list[_LeadIn] = []
        self._owned = False  # the list that may follow belongs to a numbered requirement

    def read(self) -> Iterator[ExtractedRequirement]:
        position = 0
        for key, group in groupby(self._blocks, _row_key):
            cells = list(group)
            position += len(cells)
            if key is not None:
                self._leads.clear()
                after = self._blocks[position] if position < len(self._blocks) else None
                self._owned = False
                for each in self._row(cells, after):
                    self._owned = True
                    yield each
            else:
                start = position - len(cells)
                for offset, block in enumerate(cells):
                    following = start + offset + 1
                    after = self._blocks[following] if following < len(self._blocks) else None
                    yield from self._block(block, after)

    def _block(self, block: BlockIn, after: BlockIn | None) -> Iterator[ExtractedRequirement]:
        if block.kind == "heading" and not _is_sentence(block.text):
            self._enter(block)
            return
        self._follow(block.section)
        if not block.text.strip() or is_deleted(block.text.strip()):
            return
        if block.kind == "list_item" and not self._project.in_marker(block.marker):
            for each in self._item(block, after):
                part = not each.identifier and self._is_owned(each)
                yield each.model_copy(update={"part": True}) if part else each
        else:
            self._leads.clear()
            self._owned = False
            for each in self._paragraph(block, after):
                self._owned = bool(each.identifier)
                yield each

    def _is_owned(self, item: ExtractedRequirement) -> bool:
        leads = (
            lead for lead in self._leads if lead.quote and lead.quote.block != item.quote.block
        )
        return self._owned or any(lead.counted for lead in leads)

    def _enter(self, heading: BlockIn) -> None:
        """Remember the chain of headings: a glossary's subsections belong to the glossary."""
        self._leads.clear()
        self._owned = False
        self._use_case = is_use_case_label(heading.text)
        level = heading.level or 1
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append((level, section_kind(heading.text)))

    def _follow(self, section: str) -> None:
        if section == self._section[0]:
            return
        self._section = (section, section_kind(section))

    def _kind(self) -> SectionKind:
        own = self._section[1]
        chain = [kind for _, kind in self._headings]
        if own is SectionKind.OTHER and chain:
            own = chain[-1]
        if own is SectionKind.REQUIREMENTS:
            return own
        if SectionKind.EXPLAINING in (*chain, own):
            return SectionKind.EXPLAINING
        if chain and chain[0] is SectionKind.FRAMING:
            return SectionKind.FRAMING
        if own is SectionKind.OTHER and SectionKind.REQUIREMENTS in chain[1:]:
            return SectionKind.REQUIREMENTS
        return own

    def _row(
        self, cells: Sequence[BlockIn], after: BlockIn | None
    ) -> Iterator[ExtractedRequirement]:
        self._follow(cells[0].section)
        row = read_row(cells, self._project)
        kind = self._kind()
        if row is None or (kind is SectionKind.EXPLAINING and not row.column):
            return
        named, start = self._project.in_text(row.cell.text)
        identifier = row.identifier or named
        place = self._place(kind, identifier, numbered=True, column=row.column)
        if self._leads_list(row.cell, after):
            yield from self._lead(row.cell, start, identifier, place)
        else:
            yield from self._whole(row.cell, start, identifier, place)

    def _paragraph(self, block: BlockIn, after: BlockIn | None) -> Iterator[ExtractedRequirement]:
        named, start = self._project.in_text(block.text)
        identifier = self._project.in_marker(block.marker) or named
        kind = self._kind()
        leads = self._leads_list(block, after)
        if is_label(block.text) or is_use_case_label(block.text):
            self._use_case = is_use_case_label(block.text)
        defined = not identifier and self._project.defines(block.text)
        if is_remark(block.text[start:]) or defined or kind is SectionKind.EXPLAINING:
            if leads:
                self._leads.append(_LeadIn(None, None, 0, ""))
            return
        place = self._place(kind, identifier)
        pieces = tagged(block.text)
        if leads:
            yield from self._lead(block, start, identifier, place)
        elif pieces:
            yield from self._tagged(block, pieces, kind)
        elif identifier:
            yield from self._whole(block, start, identifier, place)
        else:
            yield from self._sentences(block, start, "", place)

    def _lead(
        self, block: BlockIn, start: int, identifier: str, place: Place
    ) -> Iterator[ExtractedRequirement]:
        """An introducing sentence.

        It is a requirement of its own if the document numbers it, or if it is a whole sentence
        that announces its list ("shall read the following formats:"); "shall record:" is neither.
        """
        spans = split_sentences(block.text[start:]) or (Span(0, len(block.text) - start),)
        last = Span(start + spans[-1].start, start + spans[-1].end)
        sentence = last.of(block.text)
        judgement = judge(sentence, place) or _best(block.text, start, place)
        examples = _GIVES_EXAMPLES.search(sentence)
        asks = judgement is not None and judgement.confidence >= _LEADING and not examples
        quote = Quote(block=block.ref, text=sentence) if asks else None
        numbered = place.numbered and place.section is not SectionKind.EXPLAINING
        announces = quote is not None and bool(_ANNOUNCES.search(sentence))
        counted = bool(identifier) or numbered or announces
        self._leads.append(_LeadIn(quote, judgement, block.level, _style(block), counted))
        if identifier or numbered:
            yield from self._whole(block, start, identifier, place)
        elif announces:
            yield from self._sentences(block, start, "", place)
        elif len(spans) > 1:
            yield from self._sentences(block, start, "", place, until=last.start)

    def _item(self, block: BlockIn, after: BlockIn | None) -> Iterator[ExtractedRequirement]:
        style = _style(block)
        while self._leads and not _is_below(self._leads[-1], block.level, style):
            self._leads.pop()
        lead = self._leads[-1] if self._leads else None
        named, start = self._project.in_text(block.text)
        named = named or tag_at_end(block.text)
        kind = self._kind()
        defined = not named and self._project.defines(block.text)
        if is_remark(block.text[start:]) or defined or kind is SectionKind.EXPLAINING:
            return
        place = self._place(kind, named, numbered=True)
        if self._leads_list(block, after):
            yield from self._lead(block, start, named, place)
            return
        first = next(iter(split_sentences(block.text[start:])), None)
        judgement = judge(first.of(block.text[start:]), place) if first else None
        if lead is None or (judgement and judgement.confidence > 0.8):
            yield from self._whole(block, start, named, place)
        elif lead.quote is not None and lead.judgement is not None:
            yield from self._joined(block, start, named, lead)

    def _joined(
        self, block: BlockIn, start: int, identifier: str, lead: _LeadIn
    ) -> Iterator[ExtractedRequirement]:
        span = _without_end_mark(block.text, trimmed(block.text, start, remark_start(block.text)))
        if span.end <= span.start or lead.quote is None or lead.judgement is None:
            return
        text = span.of(block.text)
        whole = f"{lead.quote.text} {text}"
        yield ExtractedRequirement(
            quote=Quote(block=block.ref, text=text),
            lead_in=lead.quote,
            identifier=identifier,
            type=classify(whole, self._section[0]),
            quality_class=quality_class(whole),
            modal=lead.judgement.modal,
            confidence=min(0.9, lead.judgement.confidence),
            reason=f"list item under a lead-in: {lead.judgement.reason}",
        )

    def _whole(
        self, block: BlockIn, start: int, identifier: str, place: Place
    ) -> Iterator[ExtractedRequirement]:
        span = trimmed(block.text, start, max(start, remark_start(block.text)))
        if span.end - span.start > WHOLE:
            yield from self._sentences(block, start, identifier, place)
            return
        judgement = _best(block.text[: span.end], start, place)
        if judgement and span.end > span.start:
            yield self._requirement(block, span, identifier, judgement)

    def _sentences(
        self, block: BlockIn, start: int, identifier: str, place: Place, until: int | None = None
    ) -> Iterator[ExtractedRequirement]:
        stop = min(remark_start(block.text), len(block.text) if until is None else until)
        for span in split_sentences(block.text[start:stop]):
            moved = Span(start + span.start, start + span.end)
            judgement = judge(moved.of(block.text), place)
            if judgement:
                yield self._requirement(block, moved, identifier, judgement)

    def _tagged(
        self, block: BlockIn, pieces: Sequence[tuple[Span, str]], kind: SectionKind
    ) -> Iterator[ExtractedRequirement]:
        for span, identifier in pieces:
            place = self._place(kind, identifier)
            judgement = _best(block.text[: span.end], span.start, place)
            if judgement and span.end > span.start:
                yield self._requirement(block, span, identifier, judgement)

    def _requirement(
        self, block: BlockIn, span: Span, identifier: str, judgement: Judgement
    ) -> ExtractedRequirement:
        text = span.of(block.text)
        return ExtractedRequirement(
            quote=Quote(block=block.ref, text=text),
            identifier=identifier,
            type=classify(text, self._section[0]),
            quality_class=quality_class(text),
            modal=judgement.modal,
            confidence=judgement.confidence,
            reason=judgement.reason,
        )

    def _leads_list(self, block: BlockIn, after: BlockIn | None) -> bool:
        if after is None or after.kind != "list_item" or not _ENDS_OPEN.search(block.text):
            return False
        return not self._project.in_marker(after.marker)

    def _place(
        self, kind: SectionKind, identifier: str, *, numbered: bool = False, column: bool = False
    ) -> Place:
        own = self._project.is_own(identifier)
        return Place(
            section=kind,
            identified=bool(identifier),
            named=bool(family_of(identifier)) or own,
            numbered=numbered,
            column=column,
            among_requirements=own or family_of(identifier) in self._binding_families,
            unbinding=self._unbinding,
            use_case=self._use_case,
            apart=self._numbers and not identifier and not column,
            states_facts=self._states_facts,
            project=self._project,
        )


def _row_key(block: BlockIn) -> tuple[int, int] | None:
    if block.kind != "table_cell" or block.row is None:
        return None
    return (block.table or 0, block.row)


def _is_sentence(text: str) -> bool:
    """A requirement that was printed like a heading: a binding verb and an end mark."""
    ends = text.rstrip().endswith((".", ":", ")", ";"))
    return (
        ends and len(text) > 30 and any(m.strength is Strength.BINDING for m in find_modals(text))
    )


def _style(block: BlockIn) -> str:
    """What kind of marker an item has: items of one list look alike."""
    if block.kind != "list_item":
        return ""
    marker = block.marker.strip("().[]: ")
    if marker.isdigit():
        return "1"
    return "a" if marker.isalpha() else "-"


def _is_below(lead: _LeadIn, level: int, style: str) -> bool:
    if not lead.style:
        return True
    return level > lead.level or (level == lead.level and style != lead.style)


def _best(text: str, start: int, place: Place) -> Judgement | None:
    """The strongest judgement on any sentence of the text behind `start`."""
    found = (judge(span.of(text[start:]), place) for span in split_sentences(text[start:]))
    return max((each for each in found if each), key=lambda each: each.confidence, default=None)


def _without_end_mark(text: str, span: Span) -> Span:
    match = _ITEM_END.search(text, max(span.start, span.end - 6), span.end)
    return trimmed(text, span.start, match.start()) if match else span
