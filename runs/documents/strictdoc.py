"""Requirements of StrictDoc files (.sdoc): their fields, and the parents that they name.

Only what a requirement says and what it is linked to is read; grammar, macros and markup are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADING = re.compile(r"\[/?[A-Z_]+\]")
_FIELD = re.compile(r"([A-Z][A-Z0-9_]*): ?(.*)")
_PARENT = re.compile(r"-\s+TYPE:\s*Parent")
_VALUE = re.compile(r"\s+VALUE:\s*(\S.*)")
_SPEAKING = ("TITLE", "STATEMENT", "USER_STORY", "RATIONALE", "COMMENT")


@dataclass(slots=True)
class Node:
    """One requirement as it is written: its fields by name, and the UIDs of its parents."""

    fields: dict[str, str] = field(default_factory=dict)
    parents: list[str] = field(default_factory=list)

    @property
    def uid(self) -> str:
        return self.fields.get("UID", "")

    @property
    def text(self) -> str:
        """Title, statement and what explains them; not its status, type or component."""
        return "\n".join(self.fields[name] for name in _SPEAKING if self.fields.get(name))


def requirements(text: str) -> Iterator[Node]:
    """The requirements that have a UID, in their order."""
    node: Node | None = None
    lines = iter(text.splitlines())
    is_parent = False
    for line in lines:
        if _HEADING.fullmatch(line):
            if node is not None and node.uid:
                yield node
            node = Node() if line == "[REQUIREMENT]" else None
        elif node is None:
            continue
        elif match := _FIELD.fullmatch(line):
            name, value = match.groups()
            node.fields[name] = _block(lines) if value == ">>>" else value.strip()
        elif match := _VALUE.fullmatch(line):
            if is_parent:
                node.parents.append(match.group(1))
        else:
            is_parent = bool(_PARENT.fullmatch(line.strip()))
    if node is not None and node.uid:
        yield node


def _block(lines: Iterator[str]) -> str:
    kept = []
    for line in lines:
        if line == "<<<":
            break
        kept.append(line)
    return "\n".join(kept).strip()
