"""What cannot be seen does not get into names."""

from hypothesis import given
from hypothesis import strategies as st

from reqplatform.security.plain_text import lines, one_line


@given(st.text())
def test_a_name_is_one_line_that_can_be_seen(text: str) -> None:
    name = one_line(text)
    assert name.isprintable()
    assert name == one_line(name) == name.strip()
    assert "  " not in name


@given(st.text())
def test_lines_can_be_seen(text: str) -> None:
    kept = lines(text)
    assert kept.replace("\n", "").isprintable()
    assert kept == lines(kept)


def test_what_can_be_seen_stays() -> None:
    assert one_line(" Größe\u00a0 5\u202e\x1b\ud800 µm\x00 ") == "Größe 5 µm"
    assert lines("\n one\r\n  two\x07 \n\nthree\n") == "one\n  two\n\nthree"
