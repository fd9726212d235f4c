"""Numbers, bullets and identifiers at the begin of a line."""

import pytest

from runs.documents.markers import MarkerKind, is_marker, match_marker, number_depth, split_title


@pytest.mark.parametrize(
    ("line", "kind", "marker", "rest"),
    [
        ("• every start", MarkerKind.BULLET, "•", "every start"),
        ("- every start", MarkerKind.BULLET, "-", "every start"),
        ("a) every start", MarkerKind.LIST, "a)", "every start"),
        ("(iv) every start", MarkerKind.LIST, "(iv)", "every start"),
        ("12. Every start", MarkerKind.LIST, "12.", "Every start"),
        ("2a. User waits", MarkerKind.LIST, "2a.", "User waits"),
        ("3.2.1 The pump", MarkerKind.DECIMAL, "3.2.1", "The pump"),
        ("4.2.1i  The pump", MarkerKind.DECIMAL, "4.2.1i", "The pump"),
        ("A.1 The pump", MarkerKind.DECIMAL, "A.1", "The pump"),
        ("REQ-12: the pump", MarkerKind.IDENTIFIER, "REQ-12", "the pump"),
        ("[SSR5] the pump", MarkerKind.IDENTIFIER, "[SSR5]", "the pump"),
        ("SYS_NAV_004 The pump", MarkerKind.IDENTIFIER, "SYS_NAV_004", "The pump"),
        ("UC3: The pump", MarkerKind.IDENTIFIER, "UC3", "The pump"),
    ],
)
def test_markers(line: str, kind: MarkerKind, marker: str, rest: str) -> None:
    found = match_marker(line)
    assert found is not None
    assert (found.kind, found.text, found.rest) == (kind, marker, rest)


@pytest.mark.parametrize(
    "line",
    [
        "2.5 seconds", "9.5 V supply", "-5 °C", "SHA-256 is used", "ISO 9001 applies", "x", "",
        "Table 3: Limits", "Figure 2-1: The pump", "The pump", "USB2 Port", "3 pumps",
        "I/O module", "e-mail",
    ],
)  # fmt: skip
def test_no_markers(line: str) -> None:
    assert match_marker(line) is None


@pytest.mark.parametrize("text", ["1.", "12", "a)", "3.2.1", "REQ-001", "[R1]", "FR 7", "1)"])
def test_cells_that_only_number_their_row(text: str) -> None:
    assert is_marker(text)


@pytest.mark.parametrize("text", ["", "high", "The pump shall run 2.", "5 mm", "No."])
def test_cells_that_say_something(text: str) -> None:
    assert not is_marker(text)


def test_depth_of_numbers() -> None:
    assert [number_depth(n) for n in ("3", "3.", "3.2", "3.2.1", "A", "A.1", "")] == [
        1,
        1,
        2,
        3,
        1,
        2,
        1,
    ]


def test_titles_with_and_without_numbers() -> None:
    assert split_title("3.2 Scope") == ("3.2", "Scope")
    assert split_title("4 Limits") == ("4", "Limits")
    assert split_title("B References") == ("B", "References")
    assert split_title("A User Manual") == ("", "A User Manual")
    assert split_title("Scope") == ("", "Scope")
