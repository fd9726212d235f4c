"""The product's path through the example up to its source requirements, without a database."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from runs.analyst import extract
from runs.documents import Document, parse
from runs.documents.document import Block
from runs.requests import BlockIn, ExtractAnswer, ExtractRequest

LIBRARY = Path(__file__).resolve().parents[3] / "skills" / "library"
END_MARKS = " .:;,"


def parameters(slug: str) -> dict[str, Any]:
    """What a method that ships with the product says in its front matter."""
    _, front, _ = (LIBRARY / slug / "SKILL.md").read_text(encoding="utf-8").split("---\n", 2)
    found: dict[str, Any] = yaml.safe_load(front)["parameters"]
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """One extracted requirement, in the terms of the golden file."""

    identifier: str
    text: str
    lead_in: str
    type: str
    section: str


def bare(text: str) -> str:
    """Without the mark that ends it: whether a quote includes it is a matter of taste."""
    return text.rstrip(END_MARKS)


@cache
def parsed(path: Path) -> Document:
    return parse(path.read_bytes(), path.name)


def extract_request(document: Document) -> ExtractRequest:
    blocks = [block_in(document, ref, block) for ref, block in enumerate(document.blocks)]
    return ExtractRequest(document=document.name, blocks=blocks)


def block_in(document: Document, ref: int, block: Block) -> BlockIn:
    section = document.section_of(block)
    return BlockIn(
        ref=ref,
        kind=block.kind,
        section=section.label if section else "",
        marker=block.marker,
        level=block.level,
        header=block.cell.header if block.cell else "",
        row=block.cell.row if block.cell else None,
        table=block.cell.table if block.cell else None,
        text=document.slice(block),
    )


@cache
def extracted(path: Path) -> ExtractAnswer:
    return extract.extract(extract_request(parsed(path)), parameters("requirement-extraction"))


def found_in(path: Path) -> list[Found]:
    document = parsed(path)
    found = []
    for requirement in extracted(path).requirements:
        section = document.section_of(document.blocks[requirement.quote.block])
        found.append(
            Found(
                identifier=requirement.identifier,
                text=bare(requirement.quote.text),
                lead_in=bare(requirement.lead_in.text) if requirement.lead_in else "",
                type=requirement.type,
                section=section.label if section else "",
            )
        )
    return found
