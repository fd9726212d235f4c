"""The figures of `manage.py evaluate` are counted as its docs say."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from runs.evaluating.extraction import matched
from runs.evaluating.scores import Score, macro_f1, total
from runs.examples.example import SPEC_PDF


def test_a_hit_is_the_same_words_or_nearly() -> None:
    assert matched(["The system shall stop."], ["the system SHALL stop"]) == 1
    nearly = "The system shall stop all the pumps within 2 s."
    assert matched([nearly], ["The system shall stop all pumps within 2 s. (M)"]) == 1
    assert matched(["The system shall stop."], ["The door must be green."]) == 0


def test_pairs_are_one_to_one() -> None:
    text = "The system shall stop within 2 s."
    assert matched([text, text], [text]) == 1
    assert matched([text], [text, text]) == 1
    assert matched([text, "The system shall stop within 3 s."], [text, text]) == 2


def test_precision_recall_and_f1() -> None:
    score = Score("one", hits=2, found=4, expected=3)
    assert score.precision == 0.5
    assert score.recall == pytest.approx(2 / 3)
    assert score.f1 == pytest.approx(2 * 2 / 7)
    assert Score("none", 0, 0, 0).f1 == 0
    assert total([score, Score("two", 1, 1, 1)]) == Score("all", 3, 5, 4)
    assert macro_f1([score, Score("two", 1, 1, 1)]) == pytest.approx((4 / 7 + 1) / 2)


def test_the_command_measures_a_folder_of_that_layout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specs, one = tmp_path / "specs", tmp_path / "trace" / "one"
    specs.mkdir()
    (specs / "example.pdf").write_bytes(SPEC_PDF.read_bytes())
    (specs / "extraction_gold.csv").write_text(
        "document,text\nexample.pdf,The Navigation subsystem shall plan a route that covers all "
        "survey lines of the mission.\nexample.pdf,Something that nobody wrote in there at all\n"
    )
    for side, text in (("high", "The pump shall cool the engine."), ("low", "The pump cools it.")):
        (one / side).mkdir(parents=True)
        (one / side / f"{side}1.txt").write_text(text)
    (one / "answer.csv").write_text("high,low\nhigh1,low1\n")
    call_command("evaluate", "--data", str(tmp_path), "--output", str(tmp_path / "out.json"))
    figures = json.loads((tmp_path / "out.json").read_text())
    assert (
        figures["extraction"]["rows"][0]["hits"],
        figures["extraction"]["rows"][0]["expected"],
    ) == (1, 2)
    assert figures["trace"]["rows"][0]["expected"] == 1
    assert "F1" in capsys.readouterr().out


def test_a_folder_of_another_layout_is_explained(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"extraction_gold\.csv is missing"):
        call_command("evaluate", "--data", str(tmp_path))
