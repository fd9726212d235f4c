import pytest

from runs.language.modals import Strength, find_modals


@pytest.mark.parametrize(
    ("text", "word", "strength", "negated"),
    [
        ("The pump shall stop", "shall", Strength.BINDING, False),
        ("The pump shall not stop", "shall", Strength.BINDING, True),
        ("The pump is required to stop", "is required to", Strength.BINDING, False),
        ("Pumps have to stop", "have to", Strength.BINDING, False),
        ("The pump is to be stopped", "is to", Strength.BINDING, False),
        ("The pump ought to stop", "ought to", Strength.RECOMMENDED, False),
        ("The pump will never stop", "will", Strength.DECLARED, True),
        ("The pump cannot stop", "can", Strength.ALLOWED, True),
        ("The pump May stop", "may", Strength.ALLOWED, False),
    ],
)
def test_modal_verbs_are_found(text: str, word: str, strength: Strength, negated: bool) -> None:
    (modal,) = find_modals(text)
    assert (modal.word, modal.strength, modal.negated) == (word, strength, negated)


@pytest.mark.parametrize(
    "text",
    [
        "Issued in May 2026",
        "the last will of the owner",
        "a must-have item",
        "The aim of this work is to stop pumps",
        "marshalling yards and candles",
    ],
)
def test_words_that_only_look_like_modal_verbs_are_none(text: str) -> None:
    assert find_modals(text) == ()


def test_spans_cover_the_words() -> None:
    text = "It shall not leak and must be dry."
    assert [text[m.start : m.end] for m in find_modals(text)] == ["shall not", "must"]
