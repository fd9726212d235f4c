import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.quality.reading import StatementsUnreadableError, read_statements


def test_lines() -> None:
    assert read_statements(b"One shall.\n\n  Two shall. \r\n", "-") == ["One shall.", "Two shall."]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_a_text_column(delimiter: str) -> None:
    lines = [["id", " Text "], ["1", '"One, two; three."'], ["2", ""], ["3", "Four."]]
    content = "\n".join(delimiter.join(line) for line in lines).encode()
    assert read_statements(content, "x.csv") == ["One, two; three.", "Four."]


def test_a_csv_is_known_by_its_header_without_its_name() -> None:
    assert read_statements(b"id,text\n1,One shall.\n", "-") == ["One shall."]


def test_a_csv_with_one_column() -> None:
    assert read_statements(b'text\n"Ein Satz, der\nweitergeht."\n', "a.CSV") == [
        "Ein Satz, der\nweitergeht."
    ]


def test_a_line_that_reads_text_is_a_statement() -> None:
    assert read_statements(b"text\nOne shall.", "a.txt") == ["text", "One shall."]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("utf-8-sig", "Größe shall be 5 µm."), ("utf-16", "Größe shall be 5 µm."),
     ("latin-1", "Die Größe der Öffnung prüft die Büchse, die später nässt.")],
)  # fmt: skip
def test_encodings(encoding: str, text: str) -> None:
    assert read_statements(text.encode(encoding), "a.txt") == [text]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "empty.txt", "holds no statement"),
        (b"id,wording\n1,One.\n", "a.csv", "no column called “text”; its columns are: id, wording"),
        (b"id,text\n1,\n", "a.csv", "holds no statement"),
        (b"abc\x00def", "a.bin", "no text file"),
        (b"\xff\xfe\x00\x00a\x00", "a.txt", "no text file"),
        (b'text\n"' + b"x" * 200_000 + b'"\n', "a.csv", "no well-formed CSV"),
        (b"x" * (20 * 1024 * 1024 + 1), "big.txt", "Split the file"),
    ],
)
def test_refusals_say_why(content: bytes, name: str, says: str) -> None:
    with pytest.raises(StatementsUnreadableError, match=says):
        read_statements(content, name)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.txt"]))
def test_any_bytes_give_statements_or_a_reason(content: bytes, name: str) -> None:
    try:
        statements = read_statements(content, name)
    except StatementsUnreadableError:
        return
    assert statements
    assert all(statement.strip() for statement in statements)
