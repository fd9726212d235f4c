import time

from hypothesis import given
from hypothesis import strategies as st

from runs.analyst.link import link
from runs.analyst.link_terms import Reader, short_forms
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
    assert by_child["C5"].score == by_child["C5"].confidence == 1.0


def test_compound_names_are_compared_in_parts() -> None:
    assert {"radiolink", "radio", "link"} <= set(Reader().read("RadioLink").counts)
    assert {"scan", "flag"} <= set(Reader().read("scan_flags").counts)


def test_short_forms_stand_for_their_words() -> None:
    text = "A Guard Dog Timer (GDT) and the Ground Link (XY) of the Deep (Sea)."
    assert short_forms(text) == {"GDT": ("guard", "dog", "timer")}
    found = link(
        {
            "P1": "The guard dog timer shall be strobed.",
            "P2": "Doors open.",
            "P3": "Gulls eat.",
            "P4": "Fish.",
        },
        {"C1": "Every second the GDT is reset.", "C2": "A Guard Dog Timer (GDT) resets boards."},
    )
    assert {(each.parent, each.child) for each in found} == {("P1", "C1"), ("P1", "C2")}


def test_words_that_decided_are_told_as_they_are_printed() -> None:
    found = link(
        {"P1": "The operator shall create a survey route.", "P2": "The door shall open in 0.5 s."},
        {"C1": "A class adds survey routes.", "C2": "The flap moves within 500 ms."},
    )
    words = {each.child: each.words for each in found}
    assert set(words["C1"]) == {"survey", "routes", "survey routes", "create ~ adds"}
    assert words["C2"] == ("500 ms",)
    assert all(0 < each.confidence < 1 for each in found)


def test_a_text_that_names_an_identifier_is_linked_to_it() -> None:
    parents = {"SRS-12": "The pump shall stop.", "SRS-13": "The valve shall close."}
    found = link(parents, {"D1": "Valve flaps and valve seats close tightly (see SRS-12)."})
    by_parent = {each.parent: each for each in found}
    assert by_parent["SRS-12"].confidence == 1
    assert by_parent["SRS-12"].words == ("SRS-12",)
    assert by_parent["SRS-13"].confidence < 1
    assert [each.child for each in link({"P1": "As in D-2.1."}, {"D-2.1": "Gulls."})] == ["D-2.1"]


def test_other_names_of_the_glossary_count_as_the_term() -> None:
    parents = {"P1": "The inertial unit shall be aligned.", "P2": "The door shall open."}
    assert link(parents, {"C1": "Gyro boxes settle."}) == []
    found = link(parents, {"C1": "Gyro boxes settle."}, {"inertial unit": ["gyro box"]})
    assert [each.parent for each in found] == ["P1"]


def test_a_parent_gets_the_child_most_like_it() -> None:
    parents = {"P1": "Display alarms loudly.", "P2": "Record alarms and depths of the seabed."}
    found = link(parents, {"C1": "Alarms are displayed, and depths of the seabed are recorded."})
    assert {each.parent for each in found} == {"P1", "P2"}


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


def test_twice_the_texts_take_little_more_than_twice_the_time() -> None:
    def seconds(count: int) -> float:
        texts = [f"thing{n % 97} part{n // 3} of deed{n % 450} here there" for n in range(count)]
        parents = {f"p{n}": text for n, text in enumerate(texts)}
        children = {f"c{n}": text for n, text in enumerate(texts)}
        taken = []
        for _ in range(2):
            start = time.perf_counter()
            link(parents, children)
            taken.append(time.perf_counter() - start)
        return min(taken)

    assert seconds(2000) < 3.2 * seconds(1000)


def test_frequent_terms_only_weigh_what_others_find() -> None:
    parents = {f"p{n}": f"shared word{n} of many" for n in range(1200)}
    children = {f"c{n}": f"shared word{n} of many" for n in range(0, 1200, 400)}
    found = {(each.parent, each.child) for each in link(parents, children)}
    assert found == {("p0", "c0"), ("p400", "c400"), ("p800", "c800")}
