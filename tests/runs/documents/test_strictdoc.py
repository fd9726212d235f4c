from hypothesis import given
from hypothesis import strategies as st

from runs.documents.strictdoc import requirements

FILE = """[DOCUMENT]
TITLE: Vessel

[TEXT]
STATEMENT: >>>
UID: not-a-requirement
<<<

[REQUIREMENT]
UID: V-1
COMPONENT: Navigation
TITLE: Depth
STATEMENT: >>>
The vessel shall record the depth.
TITLE: still the statement
<<<
RELATIONS:
- TYPE: Parent
  VALUE: S-1
- TYPE: File
  VALUE: depth.c
- TYPE: Parent
  VALUE: S-2

[REQUIREMENT]
TITLE: It has no UID

[REQUIREMENT]
UID: V-2
STATEMENT: The vessel shall stop.
"""


def test_fields_blocks_and_parents_are_read() -> None:
    first, second = requirements(FILE)
    assert first.uid == "V-1"
    assert first.fields["COMPONENT"] == "Navigation"
    assert first.text == "Depth\nThe vessel shall record the depth.\nTITLE: still the statement"
    assert first.parents == ["S-1", "S-2"]
    assert (second.uid, second.text, second.parents) == ("V-2", "The vessel shall stop.", [])


@given(st.text(alphabet="[]REQUIREMENT: >-<\nUDVALPY1", max_size=300))
def test_no_text_stops_the_reader(text: str) -> None:
    assert all(node.uid for node in requirements(text))
