"""How long the command line takes to start: median of N whole processes after a warm-up.

    python benchmarks/startup.py [--runs 5]

Prints seconds for `manage.py check` and for `decompose` of the example, and for what cannot be
avoided beside them in the same run: a bare interpreter, and Django with this project's apps.
"""

import argparse
import statistics
import subprocess
import sys
import time

from scratch import ROOT, manage, scratch


def median(runs: int, work: object) -> float:
    assert callable(work)
    work()
    return statistics.median(timed(work) for _ in range(runs))


def timed(work: object) -> float:
    assert callable(work)
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    example = str(ROOT / "runs" / "examples" / "example.txt")
    setup = "import os,django;os.environ['DJANGO_SETTINGS_MODULE']='reqplatform.settings'"
    with scratch() as environment:
        manage(environment, "seed_demo")

        def python(code: str) -> None:
            subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)

        def decompose() -> None:
            done = manage(
                environment, "decompose", example, "--subsystem", "NAV", "--no-review", "--quiet",
                "--output", environment["REQPLATFORM_DATA_DIR"],
            )  # fmt: skip
            assert done.code == 0, done.output

        figures = {
            "python -c pass": median(runs, lambda: python("pass")),
            "django.setup() with the project's apps": median(
                runs, lambda: python(f"{setup};django.setup()")
            ),
            "manage.py check (aim: 2.5)": median(runs, lambda: manage(environment, "check")),
            "decompose of the example (aim: 5)": median(runs, decompose),
        }
    for name, seconds in figures.items():
        print(f"{seconds:6.2f} s  {name}")
    return 0 if list(figures.values())[2] < 2.5 and list(figures.values())[3] < 5 else 1


if __name__ == "__main__":
    sys.exit(main())
