"""What is wrong with a method's text and parameters, said before anybody works by it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reqplatform.errors import InvalidInput
from skills import parameters

MAX_BYTES = 50_000
MAX_LINES = 2_000  # keeps the comparison of two versions quick
MAX_CHANGELOG = 300

# The shapes in which the common services issue their keys, and a value given to a word for one.
_SECRET = re.compile(
    r"\b(?:sk-[\w-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}"
    r"|lsv2_\w{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:api[ _-]?key|secret|password|passwd|access[ _-]?token)\b\s*[:=]\s*[\"'`]?[^\s\"'`]{8,}",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Report:
    """`errors` forbid saving; `warnings` are for the author to consider."""

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def raise_errors(self) -> None:
        """Raise InvalidInput if there are errors."""
        if self.errors:
            raise InvalidInput(" ".join(self.errors))


def check(slug: str, values: Mapping[str, Any], body: str, changelog: str = "") -> Report:
    errors: list[str] = []
    try:
        parameters.parse(slug, values)
    except InvalidInput as error:
        errors.append(error.message)
    errors.extend(_body_errors(body))
    if len(changelog) > MAX_CHANGELOG or _CONTROL.search(changelog):
        errors.append(f"The changelog must be one line of at most {MAX_CHANGELOG} characters.")
    return Report(tuple(errors), tuple(_warnings(body)))


def _body_errors(body: str) -> list[str]:
    size = len(body.encode("utf-8", "replace"))
    if not body.strip():
        return ["The method is empty. Write what the agent is to do, in Markdown."]
    if size > MAX_BYTES:
        return [
            f"The method has {size:,} bytes; at most {MAX_BYTES:,} are allowed, since it "
            "is sent with every call. Shorten it."
        ]
    if len(body.splitlines()) > MAX_LINES:
        return [f"The method has more than {MAX_LINES:,} lines. Shorten it."]
    if _CONTROL.search(body):
        return ["The method holds control characters, which can't be stored. Remove them."]
    return []


def _warnings(body: str) -> list[str]:
    return [
        f"Line {number} looks as if it held an API key or a password. Every member of the project "
        "and the model's provider can read the method: take it out."
        for number, line in enumerate(body.splitlines(), start=1)
        if _SECRET.search(line)
    ]
