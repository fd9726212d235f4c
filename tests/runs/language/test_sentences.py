import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.language.sentences import split_sentences


def said(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The radio shall use e.g. the spare channel.",
        "The mast shall carry 99.5 kg in total.",
        "See Fig. 3 and No. 7 for the wiring.",
        "Max. 5 V shall be applied.",
        "J. Smith approves the plan.",
        "The lamps (i.e. the red ones) shall light.",
        "3.2.1 The pump shall stop.",
        "Ships, buoys etc. are plotted",
    ],
)
def test_a_dot_that_ends_nothing_splits_nothing(text: str) -> None:
    assert said(text) == [text]


def test_sentences_are_told_apart() -> None:
    text = "The pump shall stop. It shall then vent! Is it dry? Yes."
    assert said(text) == ["The pump shall stop.", "It shall then vent!", "Is it dry?", "Yes."]


def test_an_obligation_mark_belongs_to_the_sentence_before_it() -> None:
    text = "The pump shall stop. (M) The valve should close.(O) End"
    assert said(text) == ["The pump shall stop. (M)", "The valve should close.(O)", "End"]


def test_units_end_sentences_where_abbreviations_do_not() -> None:
    assert len(said("The delay is 5 min. The valve closes.")) == 2
    assert len(said("It is class A. The next one is class B.")) == 2


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert said("one\ntwo\n\nthree") == ["one\ntwo", "three"]


@given(st.text(alphabet=st.sampled_from('aB. 1!?()\n"eg'), max_size=200))
def test_sentences_hold_all_that_is_printed_in_order(text: str) -> None:
    spans = split_sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert "".join("".join(s.of(text) for s in spans).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["." * 200_000, ". " * 100_000, "\n \n" * 60_000, "A.(" * 60_000])
def test_time_grows_with_the_text_only(text: str) -> None:
    start = time.perf_counter()
    split_sentences(text)
    assert time.perf_counter() - start < 3
