"""Solution bias: how it is built, where the requirement should say what it does."""

from collections.abc import Iterator

from runs.language.span import Span
from runs.quality.lexicon import Lexicon, word_set
from runs.quality.rules.rule import Hit
from runs.quality.statement import Statement

_CONTROLS = (
    "button", "buttons", "radio button", "drop down", "drop down list", "dropdown", "checkbox",
    "check box", "combo box", "text box", "scroll bar", "scrollbar", "hyperlink", "pop up window",
    "pop up", "popup", "tool tip", "mouse click", "double click", "right click", "submenu",
)  # fmt: skip
_MEANS = (
    "sql", "nosql", "mysql", "postgresql", "oracle database", "mongodb", "sqlite",
    "stored procedure", "foreign key", "primary key", "database table", "java", "javascript",
    "python", "php", "cobol",
    "fortran", "visual basic", "ajax", "jquery", "django", "spring framework", "linked list",
    "hash table", "hash map", "for loop", "while loop", "if statement", "subroutine",
    "microservice", "microservices", "docker", "kubernetes", "cron job", "shell script",
    "batch file", "dll", "spreadsheet macro", "neural network", "regular expression",
)  # fmt: skip
_TERMS = Lexicon((*_CONTROLS, *_MEANS))
# With these beside it a control is a thing of the world: "the emergency stop button".
_HARDWARE = word_set(
    "push emergency stop panic reset call power start hardware mechanical physical"
)


def solutions(statement: Statement) -> Iterator[Hit]:
    """Parts of a user interface, and means of software, that the requirement prescribes."""
    words = statement.words
    for first, last in _TERMS.find(statement.text, words):
        span = Span(words[first].start, words[last].end)
        before = words[first - 1].lower if first else ""
        # Capitals make no name of it here: the names of products are what is looked for.
        if before not in _HARDWARE and not statement.is_defined(span):
            yield Hit(span.start, span.end)
