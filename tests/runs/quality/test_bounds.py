"""No text and no set breaks the rules, or takes them more than its size's share of time."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.quality.lexicon import Lexicon
from runs.quality.lint import find_in
from runs.quality.proof import proofs
from runs.quality.requirement_set import RequirementSet
from runs.quality.rules import solutions, terms
from runs.quality.scoring import assess
from runs.quality.statement import Statement
from tests.runs.quality.sets import child, parent, requirements, share
from tests.runs.quality.test_scoring import VOCABULARY

LEXICONS = [value for value in vars(terms).values() if isinstance(value, Lexicon)]
LEXICONS.append(solutions._TERMS)
PHRASES = sorted({phrase for lexicon in LEXICONS for phrase in lexicon.phrases})
GLUE = (
    " ",
    ", ",
    ". ",
    " and ",
    " / ",
    "-",
    "\n",
    " (",
    ") ",
    "“",
    "” ",
    " 5 ",
    " 5 ms ",
    " shall ",
)
PIECES = st.lists(
    st.sampled_from(PHRASES) | st.sampled_from(VOCABULARY.split()) | st.sampled_from(GLUE),
    min_size=1,
    max_size=6,
)
ANY = st.text(max_size=120) | PIECES.map("".join)


def seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def is_in_proportion(act: Callable[[int], object], size: int) -> bool:
    """Does eight times the size take far less than the sixty-four times of a quadratic pass?

    The least of several says what it takes; the rest is what else the machine does.
    """
    short = min(seconds(lambda: act(size)) for _ in range(3))
    return min(seconds(lambda: act(8 * size)) for _ in range(3)) < 24 * short + 0.1


@settings(max_examples=25, deadline=None)
@given(PIECES)
def test_repeating_any_words_takes_time_in_proportion(pieces: list[str]) -> None:
    seed = "".join(pieces)

    def read(length: int) -> None:
        find_in(Statement((seed * length)[:length]))

    assert is_in_proportion(read, 1_500)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=4), st.lists(ANY, max_size=4), st.data())
def test_no_text_breaks_the_proof(said: list[str], texts: list[str], data: st.DataObject) -> None:
    parents = [parent(ref, statement) for ref, statement in enumerate(said)]
    refs = st.lists(st.integers(0, len(said)), max_size=3)
    kinds = st.sampled_from([child, share])
    children = [data.draw(kinds)(ref, text, data.draw(refs)) for ref, text in enumerate(texts)]
    request = requirements(parents, children)
    known = {one.ref for one in children}
    for proof, source in zip(proofs(RequirementSet(request)), parents, strict=True):
        for line in proof.lines:
            assert source.statement[line.part.start : line.part.end] == line.part.text
            assert known.issuperset(line.children)
    assess(request)


SETS = {
    "one": "The Pump Controller shall start pump {n} of the RVP{n} within 5 s.",
    "same": "The Pump Controller shall start the pump within {n} ms.",
    "compound": "The Pump Controller shall keep set{n}point and set{n} point of the data base.",
}


@pytest.mark.parametrize("text", SETS.values(), ids=SETS.keys())
@pytest.mark.parametrize("spread", [True, False], ids=["many parents", "one parent"])
def test_a_set_takes_time_in_proportion_to_its_size(text: str, spread: bool) -> None:
    def judge(size: int) -> None:
        texts = [text.format(n=n) for n in range(size)]
        count = size if spread else 1
        parents = [parent(ref, f"The plant shall do so: {texts[ref]}") for ref in range(count)]
        children = [child(n, one, [n if spread else 0]) for n, one in enumerate(texts)]
        assess(requirements(parents, children))

    assert is_in_proportion(judge, 100)
