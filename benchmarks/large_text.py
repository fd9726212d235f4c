"""A 20 MB text specification: memory stays flat and the work is cut into chunks.

    python benchmarks/large_text.py [--megabytes 20] [--prose 70]

`--prose` is how many sentences of prose stand between two requirements: 70 gives about 6,000
requirements in 20 MB, 12 gives about 30,000.

Prints seconds, peak memory of the largest process, requirements and model calls. Aim: 600 MB.
"""

import argparse
import sys
from pathlib import Path

from scratch import manage, scratch

PARAGRAPH = (
    "{n} Behaviour {n}\n\nREQ-{n:06d} When the pressure in tank {n} exceeds 4 bar, the Valve "
    "controller shall open relief valve {n} within 250 ms.\n\nThe tank stands in the northern hall "
    "and was built with the others. {prose}\n\n"
)
PROSE = "It is inspected in spring and in autumn. "
LIMIT_MB = 600


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--prose", type=int, default=70)
    arguments = parser.parse_args()
    size = int(arguments.megabytes * 1024 * 1024)
    with scratch() as environment:
        file = Path(environment["REQPLATFORM_DATA_DIR"]) / "large.txt"
        count = write(file, size, arguments.prose)
        manage(environment, "shell", "-v", "0", "-c", PROJECT)
        done = manage(
            environment, "decompose", str(file), "--subsystem", "Valve controller", "--code",
            "VALVE", "--no-review", "--max-iterations", "1", "--quiet",
            "--output", environment["REQPLATFORM_DATA_DIR"],
        )  # fmt: skip
        calls = manage(environment, "shell", "-v", "0", "-c", CALLS).output.strip()
    print(
        f"{file.name}: {size / 1048576:.1f} MB, {count} requirements written; {calls}; "
        f"exit code {done.code}, {done.seconds:.1f} s, {done.megabytes:.0f} MB (aim: {LIMIT_MB} MB)"
    )
    return 0 if done.code in {0, 2} and done.megabytes < LIMIT_MB else 1


def write(file: Path, size: int, prose: int) -> int:
    """Fill the file with requirements and prose up to `size` bytes; how many requirements."""
    number = written = 0
    with file.open("w") as stream:
        while True:
            text = PARAGRAPH.format(n=number + 1, prose=PROSE * prose)
            if written + len(text) > size:
                return number
            written += stream.write(text)
            number += 1


PROJECT = """
from reqplatform.teams.models import Project
Project.objects.create(slug="bench", name="Bench")
"""
CALLS = """
from observability.models import LLMCall
from runs.models import RequirementVersion, SourceRequirement
print(f"{SourceRequirement.objects.count()} found, {RequirementVersion.objects.count()} children, "
      f"{LLMCall.objects.filter(node='extract').count()} extraction calls")
"""

if __name__ == "__main__":
    sys.exit(main())
