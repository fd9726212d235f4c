import pytest

from runs.language.stem import stem
from runs.language.verbs import base_of_participle, is_plural, participle, third_person
from runs.language.words import content_stems, identifier_parts


def test_word_forms_share_a_stem() -> None:
    assert len({stem(word) for word in ("record", "records", "recorded", "recording")}) == 1
    assert len({stem(word) for word in ("allocate", "allocated", "allocation")}) == 1
    assert stem("station") != stem("state")


def test_stop_words_and_possessives_are_dropped() -> None:
    assert content_stems("The ship's logs are in the hull") == ["ship", "log", "hull"]


def test_compound_names_are_taken_apart() -> None:
    assert identifier_parts("HumanResourceManager") == ["human", "resource", "manager"]
    assert identifier_parts("scan_quality_flags") == ["scan", "quality", "flags"]


@pytest.mark.parametrize(
    ("base", "done"),
    [("indicate", "indicated"), ("send", "sent"), ("stop", "stopped"), ("apply", "applied")],
)
def test_participles_go_both_ways(base: str, done: str) -> None:
    assert base_of_participle(done) == base
    assert participle(base) == done


def test_words_that_are_no_participles_have_no_base() -> None:
    assert base_of_participle("red") is None
    assert base_of_participle("quickly") is None


def test_verbs_agree_with_their_subject() -> None:
    assert [third_person(v) for v in ("carry", "pass", "be", "plan")] == [
        "carries",
        "passes",
        "is",
        "plans",
    ]
    assert is_plural("the pages of the book")
    assert is_plural("the date and the time")
    assert not is_plural("the Power and Propulsion subsystem")
    assert not is_plural("the status of the pages")
