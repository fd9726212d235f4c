"""docs/accuracy.md, written from the record: `python -m runs.evaluating.accuracy_page`."""

import sys
from pathlib import Path

from runs.evaluating.record import Part, recorded

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"

_HEAD = """\
# Accuracy of the embedded analyst

Written by `python -m runs.evaluating.accuracy_page` from what `manage.py evaluate --record`
measured on {date} with version {version}; a test fails when it is out of date. The same figures are
in the product under `/accuracy/`. What counts as a hit is in [cli.md](cli.md#evaluate).

These are development data: the rules were written with them in sight, so expect less on documents
that nobody has looked at, unless a part says otherwise.
"""


def page() -> str:
    """The whole page."""
    accuracy = recorded()
    head = _HEAD.format(date=accuracy.date, version=accuracy.version)
    return head + "".join(map(_part, accuracy.parts.values()))


def _part(part: Part) -> str:
    lines = [f"\n## {part.title}\n", f"Measured on {part.data}. {part.limits}\n"]
    lines += [
        "| | hits | found | expected | precision | recall | F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.hits} | {row.found} | {row.expected} | {row.precision:.3f} | "
        f"{row.recall:.3f} | {row.f1:.3f} |"
        for row in part.rows
    ]
    lines += ["", *(f"- {name}: **{value:.3f}**" for name, value in part.averages.items())]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Wrote {PAGE}\n")
