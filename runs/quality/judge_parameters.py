"""What the quality-validation skill may set for the rules when they act as the judge."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JudgeParameters:
    terms: tuple[str, ...] = ()  # phrases that the project defines: no word inside one is judged
    report_minor: bool = True
    max_findings: int = 200

    @classmethod
    def read(cls, parameters: Mapping[str, object]) -> "JudgeParameters":
        """From a skill's front matter. Raises ValueError that names what has a wrong kind."""
        terms = parameters.get("terms", ())
        if not isinstance(terms, list | tuple) or not all(isinstance(one, str) for one in terms):
            raise _refusal("terms", terms, "a list of texts")
        report_minor = parameters.get("report_minor", True)
        if not isinstance(report_minor, bool):
            raise _refusal("report_minor", report_minor, "true or false")
        most = parameters.get("max_findings", 200)
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            raise _refusal("max_findings", most, "a whole number of 1 or more")
        return cls(tuple(terms), report_minor, most)


def _refusal(name: str, value: object, kind: str) -> ValueError:
    return ValueError(
        f"The skill parameter “{name}” is {value!r}, but must be {kind}. "
        "Correct it in the skill's front matter."
    )
