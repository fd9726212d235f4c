"""Rows of tables: which cell is the requirement, which its identifier."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from runs.analyst.project_words import NO_WORDS, ProjectWords
from runs.language.modals import Strength, find_modals
from runs.requests import BlockIn

_STATEMENT = re.compile(
    r"\b(?:requirements?|descriptions?|statements?|text|specification|shall|functionality"
    r"|definition of requirement)\b",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"\b(?:ids?|identifier|no|nr|number|ref|reference|key|sl|s\.?\s?no|sr)\b\.?|#", re.IGNORECASE
)
_ASIDE = re.compile(
    r"\b(?:rationale|comments?|notes?|remarks?|priority|source|status|verification|justification"
    r"|examples?|definitions?|meaning|version|date|author|owner|type|category|limit)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row's requirement cell."""

    cell: BlockIn
    identifier: str
    column: bool  # its header says that it holds requirements


def read_row(cells: Sequence[BlockIn], project: ProjectWords = NO_WORDS) -> Row | None:
    """The cell of a row that states a requirement, None for heading rows and rows without one."""
    if all(not cell.header or cell.header == cell.text for cell in cells) and _heads(cells):
        return None
    statement = _statement_cell(cells)
    if statement is None:
        return None
    identifier = project.in_marker(statement.marker) or _identifier(cells, statement, project)
    return Row(statement, identifier, _is_statement_header(statement.header))


def _heads(cells: Sequence[BlockIn]) -> bool:
    """A row of column titles: short cells, one of which is a title that is known."""
    short = all(len(cell.text) < 40 for cell in cells)
    return short and any(
        _STATEMENT.search(cell.text) or _IDENTIFIER.fullmatch(cell.text.strip()) for cell in cells
    )


def _is_statement_header(header: str) -> bool:
    return bool(_STATEMENT.search(header)) and not _is_identifier_header(header)


def _is_identifier_header(header: str) -> bool:
    return bool(_IDENTIFIER.search(header)) and len(header) < 30


def _statement_cell(cells: Sequence[BlockIn]) -> BlockIn | None:
    titled = [cell for cell in cells if _is_statement_header(cell.header)]
    candidates = titled or [
        cell for cell in cells if not (cell.header and _ASIDE.search(cell.header))
    ]
    binding = [cell for cell in candidates if _has_binding(cell.text)]
    pool = binding or titled
    return max(pool, key=lambda cell: len(cell.text), default=None)


def _has_binding(text: str) -> bool:
    return any(modal.strength is not Strength.ALLOWED for modal in find_modals(text[:4000]))


def _identifier(cells: Sequence[BlockIn], statement: BlockIn, project: ProjectWords) -> str:
    for cell in cells:
        text = cell.text.strip()
        if cell is statement or len(text) > 30 or not any(map(str.isalnum, text)):
            continue
        if _is_identifier_header(cell.header):
            return text
        if project.in_marker(text):
            return project.in_marker(text)
    return ""
