"""Learns the weights that tell quality classes apart, and writes them where the analyst reads them.

    python benchmarks/learn_quality.py --data DIR

DIR has `types/*.csv` of PROMISE NFR's form. The same data gives the same file. What was learned is
measured by `manage.py evaluate --only types`, project by project: see runs/evaluating/types.py.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from runs.analyst.quality_class import WEIGHTS
from runs.analyst.quality_learning import learn
from runs.evaluating.types import digest, labelled, seeds

SOURCE = "PROMISE NFR (tera-PROMISE), projects 1 to 10, and runs/analyst/quality_seeds.py"
LICENCE = "CC BY-SA 3.0"
LEAST = 0.05
"""Weights nearer to zero than this are not written."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    statements = labelled(parser.parse_args().data)
    learned = learn([(each.statement, each.label) for each in statements] + seeds())
    weights = {
        feature: {label: round(value, 2) for label, value in row.items() if abs(value) >= LEAST}
        for feature, row in sorted(learned.items())
    }
    content = {
        "source": SOURCE,
        "licence": LICENCE,
        "learned_from": digest(statements),
        "weights": {feature: row for feature, row in weights.items() if row},
    }
    WEIGHTS.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{len(content['weights'])} features, {WEIGHTS.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
