"""What is uploaded is read as texts, and what is too large is never unpacked."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from reqplatform.errors import InvalidInput
from runs.sheets import files
from runs.sheets.files import read_table
from runs.sheets.formats import FORMATS


def xlsx(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_all_formats_are_read_alike() -> None:
    rows: list[list[object]] = [["code", "name"], ["NAV", "Navigation"], ["PWR", 5]]
    import tablib

    data = tablib.Dataset(*rows[1:], headers=rows[0])
    for extension in FORMATS:
        content = FORMATS[extension]().export_data(data)
        assert read_table(content, extension) == [
            ["code", "name"],
            ["NAV", "Navigation"],
            ["PWR", "5"],
        ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_of_a_csv_is_found(separator: str) -> None:
    content = f"code{separator}name\r\nNAV{separator}Navigation\r\n".encode("utf-8-sig")
    assert read_table(content, "csv") == [["code", "name"], ["NAV", "Navigation"]]


def test_what_an_export_escaped_is_itself_again() -> None:
    assert read_table(b"name\n'=1+1\n'tis\n", "csv")[1:] == [["=1+1"], ["'tis"]]


def test_short_rows_are_filled_and_empty_ends_cut() -> None:
    assert read_table(b"a,b,\n1\n,,\n", "csv") == [["a", "b"], ["1", ""]]


@pytest.mark.parametrize(
    ("content", "extension", "said"),
    [
        (b"", "csv", "no row below its header"),
        (b"code,name\n", "csv", "no row below its header"),
        ("näme\nx".encode("latin-1"), "csv", "not UTF-8"),
        (b'a,b\n"x', "csv", "no readable CSV"),
        (b"a\n" + b"x\n" * 10_001, "csv", "more than 10,000 rows"),
        (b"a" + b",b" * 150 + b"\n" + b"x" + b",y" * 150, "csv", "more than 100 columns"),
        (b"no archive", "xlsx", "cannot be unpacked"),
        (b"no archive", "ods", "cannot be unpacked"),
        (b"x" * (5 * 2**20 + 1), "csv", "5 MB are read at most"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, extension: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_table(content, extension)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(sheet=b"\0" * (60 * 2**20))
    assert len(bomb) < 100_000
    for extension in ("xlsx", "ods"):
        with pytest.raises(InvalidInput, match="Unpacked, the file would have 60 MB"):
            read_table(bomb, extension)
    monkeypatch.setattr(files, "MOST_PARTS", 3)
    with pytest.raises(InvalidInput, match="in 4 parts"):
        read_table(archive(a=b"", b=b"", c=b"", d=b""), "xlsx")


def test_an_archive_that_is_no_workbook_says_so() -> None:
    for extension in ("xlsx", "ods"):
        with pytest.raises(InvalidInput, match=f"no readable {extension}"):
            read_table(archive(a=b"hello"), extension)


def test_a_formula_is_read_as_its_value_and_a_number_as_it_is_written() -> None:
    rows = read_table(xlsx(["a", "b"], ["=1+1", 2.0], [None, 2.5], [True, "x"]), "xlsx")
    assert rows == [["a", "b"], ["", "2"], ["", "2.5"], ["yes", "x"]]


@given(st.binary(max_size=300), st.sampled_from(sorted(FORMATS)))
def test_nothing_crashes_it(content: bytes, extension: str) -> None:
    with suppress(InvalidInput):  # any other error fails
        read_table(content, extension)
