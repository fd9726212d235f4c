import pytest

from runs.analyst.classify import classify
from runs.analyst.quality_class import quality_class


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("The horn shall sound twice.", "FUNC"),
        ("When an obstacle is closer than 25 m, the pilot shall change the route.", "FUNC"),
        ("The list shall be returned within 30 seconds.", "PERF"),
        ("The server shall support at least 700 users.", "PERF"),
        ("The store shall have an availability of 99.99%.", "PERF"),
        ("The hull shall comply with ISO 16315.", "CONS"),
        ("The housing shall be protected against dust.", "CONS"),
        ("The radio shall work at temperatures from -5 °C to 40 °C.", "CONS"),
        ("The pilot shall send thrust commands to the Power subsystem over the CAN bus.", "INTF"),
        ("The logger shall receive the log from the shore station.", "INTF"),
    ],
)
def test_types(statement: str, expected: str) -> None:
    assert classify(statement).value == expected


def test_the_section_decides_where_the_words_do_not() -> None:
    assert classify("The horn shall sound.", "4 Performance").value == "PERF"
    assert classify("The horn shall sound.", "4 Constraints").value == "CONS"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("The horn shall sound twice.", None),
        ("Only authorized operators shall be able to delete a record.", "security"),
        ("The interface shall be intuitive and easy to learn.", "usability"),
        ("The service shall be available 99.9 % of the time.", "availability"),
        ("The search shall return its results within 2 seconds.", "performance"),
        ("The driver shall acknowledge the message on the trackside panel.", None),
        ("", None),
    ],
)
def test_quality_classes(statement: str, expected: str | None) -> None:
    assert quality_class(statement) == expected


def test_a_quality_class_beyond_doubt_decides_the_type() -> None:
    assert classify("The code shall be portable to other platforms.").value == "CONS"
