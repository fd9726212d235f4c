"""Solution bias: how it is built, where the requirement should say what it does."""

from collections.abc import Iterator

from runs.language.span import Span
from runs.quality.lexicon import Lexicon
from runs.quality.rules.rule import Hit
from runs.quality.statement import Statement

_CONTROLS = (
    "radio button", "radio buttons", "clicking", "clicks on", "click on", "drop down",
    "drop down list", "dropdown", "checkbox",
    "check box", "combo box", "text box", "scroll bar", "scrollbar", "hyperlink", "pop up window",
    "pop up", "popup", "tool tip", "mouse click", "double click", "right click", "submenu",
)  # fmt: skip
_MEANS = (
    "sql", "nosql", "mysql", "postgresql", "oracle database", "mongodb", "sqlite",
    "stored procedure", "foreign key", "primary key", "database table", "java", "javascript",
    "python", "php", "cobol", "fortran", "visual basic", "ajax", "jquery", "django",
    "spring framework", "linked list",
    "hash table", "hash map", "for loop", "while loop", "if statement", "subroutine",
    "microservice", "microservices", "docker", "kubernetes", "cron job", "shell script",
    "batch file", "dll", "spreadsheet macro", "neural network", "regular expression",
)  # fmt: skip
_TERMS = Lexicon((*_CONTROLS, *_MEANS))


def solutions(statement: Statement) -> Iterator[Hit]:
    """Parts of a screen, and means of software, that the requirement prescribes.

    A button alone may be a thing of the world: "the push-to-talk button".
    """
    words = statement.words
    for first, last in _TERMS.find(statement.text, words):
        span = Span(words[first].start, words[last].end)
        # Capitals make no name of it here: the names of products are what is looked for.
        if not statement.is_defined(span):
            yield Hit(span.start, span.end)
