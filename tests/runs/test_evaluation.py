"""The figures of `manage.py evaluate` are counted as its docs say."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from runs.analyst.quality_learning import Weights, learn
from runs.evaluating import types
from runs.evaluating.extraction import matched
from runs.evaluating.scores import Score, macro_f1, total
from runs.evaluating.sections import SECTIONS, measured
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
    (specs / "parts.txt").write_text(
        "1 Requirements\n\nSYS-001 The set shall have the following parts:\n\n- a horn\n- a lamp\n"
    )
    (specs / "extraction_gold.csv").write_text(
        "document,text\nparts.txt,The set shall have the following parts:\n"
        "example.pdf,The Navigation subsystem shall plan a route that covers all survey lines "
        "of the mission.\nexample.pdf,Something that nobody wrote in there at all\n"
    )
    for side, text in (("high", "The pump shall cool the engine."), ("low", "The pump cools it.")):
        (one / side).mkdir(parents=True)
        (one / side / f"{side}1.txt").write_text(text)
    (one / "answer.csv").write_text("high,low\nhigh1,low1\n")
    parent = "RELATIONS:\n- TYPE: Parent\n  VALUE: S-1\n"
    for side, uid, relation in (("system", "S-1", ""), ("software", "SW-1", parent)):
        folder = tmp_path / "zephyr" / f"{side}_requirements"
        folder.mkdir(parents=True)
        (folder / "one.sdoc").write_text(
            f"[REQUIREMENT]\nUID: {uid}\nCOMPONENT: Pumps\n"
            f"STATEMENT: The pump shall cool the engine.\n{relation}"
        )
    call_command("evaluate", "--data", str(tmp_path), "--output", str(tmp_path / "out.json"))
    figures = json.loads((tmp_path / "out.json").read_text())
    assert (
        figures["extraction"]["rows"][0]["hits"],
        figures["extraction"]["rows"][0]["expected"],
    ) == (1, 2)
    by_name = {row["name"]: row for row in figures["extraction"]["rows"]}
    assert list(by_name) == ["example.pdf", "parts.txt", "all", "all, parts counted"]
    assert (by_name["parts.txt"]["hits"], by_name["parts.txt"]["found"]) == (1, 1)
    assert by_name["all, parts counted"]["hits"] == by_name["all"]["hits"] == 2
    assert by_name["all, parts counted"]["found"] >= by_name["all"]["found"] + 2
    mean = (by_name["example.pdf"]["f1"] + by_name["parts.txt"]["f1"]) / 2
    assert figures["extraction"]["averages"]["macro F1"] == pytest.approx(mean, abs=1e-3)
    trace = figures["trace"]["rows"]
    assert [(row["name"], row["f1"]) for row in trace[:2]] == [("one", 1), ("zephyr", 1)]
    assert figures["allocation"]["rows"][0]["f1"] == 1
    assert "F1" in capsys.readouterr().out


def test_a_folder_of_another_layout_is_explained(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"extraction_gold\.csv is missing"):
        call_command("evaluate", "--data", str(tmp_path))


def test_types_are_measured_by_class(tmp_path: Path) -> None:
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "one.csv").write_text(
        "RequirementText,class\nOnly authorized users shall have access.,SE\n"
        "The horn shall beep.,F\nThe lid shall open.,US\nWhatever it is.,??\n"
    )
    section = SECTIONS["types"]
    found = measured(section, tmp_path)
    assert [(row.name, row.hits, row.expected) for row in found.rows] == [
        ("function", 1, 1),
        ("security", 1, 1),
        ("usability", 0, 1),
    ]
    assert found.averages["accuracy"] == pytest.approx(2 / 3)
    # a function: 1 of 2 found, 1 of 1; a quality: 1 of 1 found, 1 of 2
    assert found.averages["macro F1, function or quality"] == pytest.approx(2 / 3)


def test_what_the_weights_were_learned_from_is_judged_by_the_other_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "types").mkdir()
    (tmp_path / "types" / "one.csv").write_text(
        "ProjectID,RequirementText,class\n1,The zebra shall glow.,SE\n2,The door shall open.,F\n"
    )
    monkeypatch.setattr(types, "learned_from", lambda: types.digest(types.labelled(tmp_path)))
    asked: list[int] = []

    def counted(examples: Sequence[tuple[str, str]]) -> Weights:
        asked.append(len(examples))
        return learn(examples)

    monkeypatch.setattr(types, "learn", counted)
    assert sum(row.expected for row in types.types(tmp_path)) == 2
    assert asked == [1 + len(types.seeds())] * 2
