"""How long extraction and lint of real specifications take, and how the time grows with pages.

    python benchmarks/extract_specs.py --data DIR

Reads every PDF in DIR/specs in this process, without the sandbox: CPU seconds of one core, and the
peak memory. Then the blocks of one document are extracted once, 4 times and 16 times as long, in
one request each, so that what grows faster than the pages would show. Aim: 12 s, 400 MB.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from runs.analyst.extract import extract
from runs.documents import parse
from runs.passages import locate, requests
from runs.quality.lint import lint
from runs.requests import BlockIn, ExtractRequest

CHUNK = 200_000  # characters of a request
TIMES = (1, 4, 16)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    files = sorted((parser.parse_args().data / "specs").glob("*.pdf"))
    started = time.process_time()
    pages = found = 0
    longest: list[BlockIn] = []
    for file in files:
        document = parse(file.read_bytes(), file.name)
        blocks: list[BlockIn] = []
        for request in requests(document, CHUNK):
            passages, _ = locate(document, request, extract(request, {}))
            found += len(passages)
            for passage in passages:
                lint(passage.statement)
            blocks += request.blocks
        pages += document.pages or 0
        longest = max(longest, blocks, key=len)
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(files)} documents, {pages} pages, {found} requirements and parts")
    print(f"{seconds:.1f} s of CPU, {memory:.0f} MB at most")
    for factor in TIMES:
        once = _extracted(longest, factor)
        print(f"{factor:3} x {len(longest)} blocks: {once:6.2f} s, {once / factor:.3f} s each")
    return 0 if seconds < 12 and memory < 400 else 1


def _extracted(blocks: list[BlockIn], factor: int) -> float:
    long = [
        block.model_copy(update={"ref": number}) for number, block in enumerate(blocks * factor)
    ]
    request = ExtractRequest(document="long", blocks=long)
    started = time.process_time()
    extract(request, {})
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
