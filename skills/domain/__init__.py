"""What a domain says, and how it is written. Knows nothing of Django."""

from skills.domain.content import DomainContent, Overview, Term
from skills.domain.text import DomainTextError, LineError, parse

__all__ = ["DomainContent", "DomainTextError", "LineError", "Overview", "Term", "parse"]
