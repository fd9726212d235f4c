"""Reads the statements to be linted: one requirement per line, or a CSV with a `text` column."""

import csv
import io

LARGEST = 20 * 1024 * 1024  # bytes, as for specifications


class StatementsUnreadableError(ValueError):
    """The file holds no statements that could be read; the message says why and what to do."""


def read_statements(content: bytes, name: str) -> list[str]:
    """The statements in order, blank lines left out. Raises StatementsUnreadableError.

    A name that ends in .csv is read as CSV (comma, semicolon or tab); so is any content whose
    first line has a column called `text` beside others.
    """
    if len(content) > LARGEST:
        raise StatementsUnreadableError(
            f"“{name}” has {len(content) / 1048576:.1f} MB; at most {LARGEST // 1048576} MB are "
            "read. Split the file."
        )
    text = _decoded(content, name)
    is_csv = name.lower().endswith((".csv", ".tsv")) or _looks_like_csv(text)
    statements = _from_csv(text, name) if is_csv else _from_lines(text)
    if not statements:
        raise StatementsUnreadableError(
            f"“{name}” holds no statement. Give one requirement per line, or a CSV with a column "
            "called “text”."
        )
    return statements


def _decoded(content: bytes, name: str) -> str:
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return _checked(content.decode("utf-16"), name)
        return _checked(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # rarely needed, and slow to import

        best = from_bytes(content).best()
    if best is None:
        raise StatementsUnreadableError(
            f"“{name}” is no text file, or its encoding is unknown. Save it as UTF-8 text."
        )
    return _checked(str(best), name)


def _checked(text: str, name: str) -> str:
    if "\x00" in text:
        raise StatementsUnreadableError(
            f"“{name}” is no text file: it contains NUL characters. For a PDF or Word file run "
            "“extract” first and lint its result."
        )
    return text


def _from_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _first_line(text: str) -> str:
    return text.lstrip("\n\r").split("\n", 1)[0].rstrip("\r")


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _looks_like_csv(text: str) -> bool:
    header = _first_line(text)
    columns = [column.strip().strip('"').lower() for column in header.split(_delimiter(header))]
    return "text" in columns and len(columns) > 1


def _from_csv(text: str, name: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(_first_line(text)))
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise StatementsUnreadableError(
            f"“{name}” is no well-formed CSV (line {reader.line_num}: {error}). Check its quotes."
        ) from error
    if not rows:
        return []
    columns = [column.strip().lower() for column in rows[0]]
    if "text" not in columns:
        raise StatementsUnreadableError(
            f"“{name}” has no column called “text”; its columns are: {', '.join(rows[0])}. "
            "Rename the column with the requirements to “text”."
        )
    place = columns.index("text")
    return [row[place].strip() for row in rows[1:] if len(row) > place and row[place].strip()]
