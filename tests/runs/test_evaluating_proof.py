"""Children that are left out are counted as losses, if the proof sees them."""

from pathlib import Path

from runs.evaluating.proof import proof


def test_left_out_children_are_hits(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "extraction_gold.csv").write_text(
        "document,text\n"
        "one.pdf,The system shall record the speed of each pump and close the inlet valve.\n"
        "one.pdf,The system shall sound the horn.\n"
    )
    [score] = proof(tmp_path)
    assert (score.name, score.hits, score.found, score.expected) == ("one.pdf", 2, 2, 2)
