import time

from hypothesis import given
from hypothesis import strategies as st

from runs.analyst.link import link, terms_in
from runs.requests import Relationship

PARENTS = {
    "P1": "The vessel shall record the depth of the seabed.",
    "P2": "The vessel shall encrypt messages on the radio link.",
    "P3": "The vessel shall stop within 900 ms.",
}
CHILDREN = {
    "C1": "Recorded depths of the seabed are written to the disk.",
    "C2": "The RadioLink encrypts each message with a key.",
    "C3": "The thruster shall stop within 300 ms.",
    "C4": "Gulls prefer fish.",
}


def test_children_are_linked_to_the_parent_they_speak_of() -> None:
    found = {(each.parent, each.child) for each in link(PARENTS, CHILDREN)}
    assert found == {("P1", "C1"), ("P2", "C2"), ("P3", "C3")}


def test_relationships_follow_quantities_and_likeness() -> None:
    by_child = {each.child: each for each in link(PARENTS, {**CHILDREN, "C5": PARENTS["P1"]})}
    assert by_child["C3"].relationship is Relationship.DERIVES
    assert by_child["C5"].relationship is Relationship.REFINES
    assert by_child["C5"].score == 1.0


def test_compound_names_are_compared_in_parts() -> None:
    assert {"radiolink", "radio", "link"} <= set(terms_in("RadioLink"))
    assert {"scan", "flag"} <= set(terms_in("scan_flags"))


def test_nothing_in_common_links_nothing() -> None:
    assert link({"P": "apples"}, {"C": "pears"}) == []
    assert link({}, CHILDREN) == []
    assert link(PARENTS, {}) == []


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=40), max_size=5),
    st.dictionaries(st.text(max_size=3), st.text(max_size=40), max_size=5),
)
def test_links_name_what_exists_with_scores_in_range(
    parents: dict[str, str], children: dict[str, str]
) -> None:
    for each in link(parents, children):
        assert each.parent in parents
        assert each.child in children
        assert 0 < each.score <= 1


def test_a_thousand_texts_are_linked_in_seconds() -> None:
    names = [f"thing{n % 97} part{n % 31} of{n % 13} deed{n}" for n in range(1000)]
    start = time.perf_counter()
    found = link(
        {f"p{n}": t for n, t in enumerate(names)}, {f"c{n}": t for n, t in enumerate(names)}
    )
    assert time.perf_counter() - start < 10
    assert len(found) >= 1000
