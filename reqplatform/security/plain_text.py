"""Words that people type or files bring, without what cannot be seen.

PostgreSQL stores no NUL and no lone surrogate, an escape can command a terminal, and a mark that
turns the writing direction lets one name look like another.
"""


def one_line(text: str) -> str:
    """A name: visible characters with single spaces between the words."""
    return " ".join(_visible(text).split())


def lines(text: str) -> str:
    """A text of several lines, whose own spaces and line breaks stay."""
    return "\n".join(_visible(line).rstrip() for line in text.splitlines()).strip()


def _visible(text: str) -> str:
    return "".join(
        character if character.isprintable() else " "
        for character in text
        if character.isprintable() or character.isspace()
    )
