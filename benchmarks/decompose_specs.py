"""`decompose` on real specifications: wall time, memory, and whether every span holds.

    python benchmarks/decompose_specs.py --data DIR

DIR/specs holds the PDFs named below (PURE corpus). Each is decomposed for a subsystem that the
document names, in a fresh database. Checked: at least five requirements (three for peering.pdf, in
which four statements are about the Mediator, two of them in the same words), each with a parent;
every source requirement is the document's text at its span, on its page. Aim: 20 s and 400 MB each.
"""

import argparse
import sys
from pathlib import Path

from scratch import Measured, manage, scratch

SUBSYSTEMS = {
    "cctns.pdf": ("Audit trail", "AUD"),
    "eirene-functional.pdf": ("Cab radio", "CAB"),
    "ertms.pdf": ("ETCS trainborne equipment", "OBU"),
    "gamma-j.pdf": ("Credit card", "PAY"),
    "keepass.pdf": ("Password database", "PDB"),
    "peering.pdf": ("Mediator", "MED"),
}
SECONDS, MEGABYTES, LEAST = 20, 400, 5
FEWER = {"peering.pdf": 3}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "specs"
    print(f"{'document':24}{'seconds':>8}{'MB':>6}{'sources':>9}{'allocated':>10}{'children':>9}")
    misses = 0
    for name, (subsystem, code) in SUBSYSTEMS.items():
        with scratch() as environment:
            manage(environment, "shell", "-v", "0", "-c", PROJECT)
            done = manage(
                environment, "decompose", str(folder / name), "--subsystem", subsystem,
                "--code", code, "--no-review", "--format", "json", "--quiet",
                "--output", environment["REQPLATFORM_DATA_DIR"],
            )  # fmt: skip
            spans = manage(environment, "shell", "-v", "0", "-c", SPANS)
        misses += report(name, done, spans)
    return 1 if misses else 0


def report(name: str, done: Measured, spans: Measured) -> bool:
    """Print a document's row; True if it missed."""
    if done.code not in {0, 2}:
        print(f"{name:24} exit code {done.code}")
        return True
    result = done.json()["result"]  # type: ignore[index]
    allocated = sum(row["allocated"] for row in result["allocations"])
    children = result["requirements"]
    print(
        f"{name:24}{done.seconds:8.1f}{done.megabytes:6.0f}{len(result['sources']):9}"
        f"{allocated:10}{len(children):9}  {spans.output.strip()}"
    )
    return (
        done.seconds > SECONDS
        or done.megabytes > MEGABYTES
        or min(allocated, len(children)) < FEWER.get(name, LEAST)
        or not all(child["parents"] for child in children)
        or spans.output.strip() != "spans hold"
    )


PROJECT = """
from reqplatform.teams.models import Project
Project.objects.create(slug="bench", name="Bench")
"""
SPANS = """
from runs.documents.serialise import from_bytes
from runs.models import Revision, SourceRequirement
document = from_bytes(bytes(Revision.objects.get().content.document))
wrong = [
    row.key for row in SourceRequirement.objects.all()
    if document.text[row.start:row.end] != row.text or document.page_at(row.start) != row.page
    or (row.lead_in and document.text[row.lead_in_start:row.lead_in_end] != row.lead_in)
]
print("spans hold" if not wrong else f"wrong spans: {wrong[:5]}")
"""

if __name__ == "__main__":
    sys.exit(main())
