"""A SKILL.md: YAML between two lines of `---`, and the method in Markdown below."""

from dataclasses import dataclass
from typing import Any

import yaml

from reqplatform.errors import InvalidInput

MARK = "---"


@dataclass(frozen=True, slots=True)
class SkillFile:
    parameters: dict[str, Any]
    body: str
    changelog: str


def parse(text: str, origin: str) -> SkillFile:
    """The parts of a SKILL.md; a bad one raises InvalidInput, which calls the file `origin`."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != MARK or MARK not in lines[1:]:
        raise InvalidInput(
            f"{origin} must begin with a front matter: YAML between two lines of '{MARK}'."
        )
    end = lines.index(MARK, 1)
    try:
        head = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.YAMLError as error:
        raise InvalidInput(f"The front matter of {origin} is not valid YAML: {error}") from error
    if not isinstance(head, dict) or not isinstance(head.get("parameters", {}), dict):
        raise InvalidInput(
            f"The front matter of {origin} must be names with values, and so must 'parameters'."
        )
    return SkillFile(
        parameters={str(name): value for name, value in (head.get("parameters") or {}).items()},
        body="\n".join(lines[end + 1 :]).strip() + "\n",
        changelog=str(head.get("changelog") or ""),
    )
