"""Are requirements that run over a page break read whole?

    python benchmarks/page_breaks.py --data DIR

DIR holds the PDFs that page_breaks.json names (PURE corpus, Zenodo 7118517). The passages were
listed by hand from the printed pages, before the parser was looked at. The file holds no text of
theirs, only the SHA-256 of each passage with its white space normalised, its number of words and
the page it begins on. "block": one block must contain the passage. "list": a lead-in and its items
must follow one another with nothing between, so that they can be read as one requirement; numbers
and bullets are not part of the passage. Exit code 1 when a passage is not found.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from runs.documents import Document, parse

PASSAGES = Path(__file__).with_suffix(".json")


@dataclass(frozen=True, slots=True)
class Passage:
    document: str
    page: int
    form: str
    words: int
    sha256: str


def passages() -> list[Passage]:
    return [Passage(**entry) for entry in json.loads(PASSAGES.read_text(encoding="utf-8"))]


def is_found(passage: Passage, document: Document) -> bool:
    """Whether the passage's words stand in one block, or one list, that begins on its page."""
    return any(
        hashlib.sha256(" ".join(words[at : at + passage.words]).encode()).hexdigest()
        == passage.sha256
        for words in _stretches(document, passage)
        for at in range(len(words) - passage.words + 1)
    )


def _stretches(document: Document, passage: Passage) -> Iterator[list[str]]:
    blocks = document.blocks
    for index, block in enumerate(blocks):
        if block.page != passage.page:
            continue
        words = document.slice(block).split()
        if passage.form == "block":
            yield words
            continue
        for follower in blocks[index + 1 :]:
            if len(words) >= passage.words or follower.section != block.section:
                break
            words.extend(document.slice(follower).split())
        yield words


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--data", type=Path, required=True, help="the folder with the PDFs")
    data: Path = arguments.parse_args().data
    folder = data / "specs" if (data / "specs").is_dir() else data
    by_document: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages():
        by_document[passage.document].append(passage)
    missed = 0
    for name, expected in by_document.items():
        document = parse((folder / name).read_bytes(), name)
        for passage in expected:
            found = is_found(passage, document)
            missed += not found
            mark = "whole " if found else "BROKEN"
            print(f"{mark} {name} page {passage.page}, {passage.words} words ({passage.form})")
    total = sum(map(len, by_document.values()))
    print(f"{total - missed} of {total} passages are whole")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
