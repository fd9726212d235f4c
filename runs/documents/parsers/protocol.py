"""What every parser is given and gives."""

from dataclasses import dataclass
from typing import Protocol

from ..document import Document


@dataclass(frozen=True, slots=True)
class Source:
    """A file whose size and type have been checked."""

    content: bytes
    name: str
    media_type: str


class Parser(Protocol):
    def parse(self, source: Source) -> Document:
        """The document, its language not yet looked at. Raises DocumentRefused."""
        ...
