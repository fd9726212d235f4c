"""Labelled passages are counted as the docstring of runs/evaluating/smells.py says."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from runs.evaluating.scores import macro_f1
from runs.evaluating.smells import (
    LABELS,
    LOOKED_AT,
    Passage,
    feeding,
    measure,
    read_passages,
    taken,
)
from runs.quality import precision
from runs.quality.finding import Finding
from runs.quality.lint import lint
from runs.quality.rules.registry import BY_ID, TEXT_RULES

GOOD = "The pump shall start within 2 s."


def file_of(tmp_path: Path, *rows: dict[str, str]) -> Path:
    (tmp_path / "smells").mkdir()
    file = tmp_path / "smells" / "ds2.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["text", "filename", *LABELS])
        writer.writeheader()
        for row in rows:
            writer.writerow(dict.fromkeys(LABELS, "-") | {"filename": "one"} | row)
    return file


def passage(text: str, **labels: str) -> Passage:
    counted = {label: Counter(labels.get(label, "").split()) for label in LABELS}
    return Passage(text, "one", counted)


def test_every_label_is_fed_by_rules_that_exist() -> None:
    known = {rule.id for rule in TEXT_RULES}
    assert all(rules and rules.keys() <= known for rules in LABELS.values())


def test_labelled_words_are_read_as_often_as_they_stand(tmp_path: Path) -> None:
    text = "It is capable of other things and not of other ones."
    file = file_of(
        tmp_path,
        {"text": text, "ambiguous_adverbs_adjectives": "capother*other"},
        {"text": text, "negative_statements": "not"},
    )
    first, second = read_passages(file)
    assert first.labels["ambiguous_adverbs_adjectives"] == {"capable": 1, "other": 2}
    assert first.labels["loopholes"] == {}
    assert second.labels["negative_statements"] == {"not": 1}


def test_words_are_taken_one_to_one() -> None:
    word = frozenset({"other"})
    assert taken([word, word], Counter({"other": 1})) == 1
    assert taken([word], Counter({"other": 2})) == 1
    assert taken([frozenset({"as", "well"})], Counter({"well": 1})) == 1


def test_rules_feed_a_label_by_the_words_it_is_about() -> None:
    text = "The unit shall use sufficient and robust parts."
    found: list[Finding] = list(lint(text).findings)
    assert feeding("subjective_language", found, text) == [frozenset({"sufficient"})]
    assert len(feeding("ambiguous_adverbs_adjectives", found, text)) == 2


def test_passages_and_words_are_counted() -> None:
    text = "The door shall not open and the lamp shall not flash."
    measured = measure([passage(text, negative_statements="not"), passage(GOOD)])
    of_passages = next(one for one in measured.passages if one.name == "negative_statements")
    of_words = next(one for one in measured.words if one.name == "negative_statements")
    assert (of_passages.hits, of_passages.found, of_passages.expected) == (1, 1, 1)
    assert (of_words.hits, of_words.found, of_words.expected) == (1, 2, 1)
    assert of_passages.f1 == 1.0
    assert of_words.f1 == pytest.approx(2 / 3)
    assert macro_f1(measured.passages) == pytest.approx(1 / len(LABELS))


def test_context_can_be_left_unheeded() -> None:
    labelled = [passage("The door shall hold at least 50 kg.", superlatives="least")]
    assert macro_f1(measure(labelled).passages) == 0
    assert macro_f1(measure(labelled, heeds_context=False).passages) > 0


def test_the_command_keeps_what_it_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "FILE", tmp_path / "precision.json")
    text = "The door shall not open, and not close."
    file_of(tmp_path, {"text": text, "negative_statements": "not"})
    try:
        call_command("measure_rules", "--data", str(tmp_path))
        assert str(BY_ID["negative"].precision) == "0.50 (1 of 2)"
        assert BY_ID["orphan-child"].precision is None
        assert "1 passages of 1 documents" in precision.measured().basis
    finally:
        precision.measured.cache_clear()


def test_data_of_another_form_is_explained(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"ds2\.csv is missing"):
        call_command("measure_rules", "--data", str(tmp_path))


def test_evaluate_measures_smells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "The door shall not open and the lamp shall not flash."
    file_of(
        tmp_path,
        {"text": text, "negative_statements": "not"},
        {"text": GOOD, "filename": min(LOOKED_AT)},
    )
    output = tmp_path / "out.json"
    call_command("evaluate", "--data", str(tmp_path), "--only", "smells", "--output", str(output))
    figures = json.loads(output.read_text())["smells"]
    rows = {row["name"]: row for row in figures["rows"]}
    assert rows["negative_statements, words"]["found"] == 2
    assert rows["negative_statements, passages unseen"]["f1"] == 1
    assert figures["averages"]["macro F1, passages"] == pytest.approx(1 / len(LABELS))
    assert "macro F1, words alone" in capsys.readouterr().out


def test_evaluate_says_that_smells_are_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"smells.*is missing"):
        call_command("evaluate", "--data", str(tmp_path), "--only", "smells")
