"""Writing Markdown (CommonMark with GitHub's tables) from text that nobody vouches for.

What came out of a specification or a model is shown as it is: it can't become a heading, a link, an
image, HTML or another table cell.
"""

import re
from collections.abc import Iterable, Sequence

_SPACE = re.compile(r"\s+")
# Controls, and the marks that turn the direction of the text around them.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ANYWHERE = re.compile(r"[\\`*_\[\]<>|~$]")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_AUTOLINK = re.compile(r"(?i)(?<=[a-z])(?=:(?://|\w))|(?<=www)(?=\.)|(?<=[\w.+-])(?=@\w)")
_LINE_START = re.compile(r"^(?:[#+\-=!:]|\d{1,9}(?=[.)](?:\s|$)))")


def plain(text: str) -> str:
    """The text on one line: white space folded, what can't be seen left out."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", _SPACE.sub(" ", text))).strip()


def escape(text: str) -> str:
    """The text on one line, so that a reader of the rendered page sees its very characters."""
    line = _ANYWHERE.sub(lambda found: f"\\{found[0]}", plain(text))
    line = _ENTITY.sub(r"\\&", line)
    line = _AUTOLINK.sub(lambda _: "\\", line)
    start = _LINE_START.match(line)
    if start is None:
        return line
    end = start.end()
    return f"{line[:end]}\\{line[end:]}" if line[0].isdigit() else f"\\{line}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table. Cells are Markdown already."""
    return [
        f"| {' | '.join(header)} |",
        f"|{'|'.join(' --- ' for _ in header)}|",
        *(f"| {' | '.join(cell or '–' for cell in row)} |" for row in rows),
    ]


def page(blocks: Iterable[str | Iterable[str]]) -> str:
    """Blocks with an empty line between them; a block is a paragraph or a sequence of lines."""
    texts = [block if isinstance(block, str) else "\n".join(block) for block in blocks]
    return "\n\n".join(text for text in texts if text) + "\n"
