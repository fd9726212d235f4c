"""What is refused is refused with a stable code and a sentence that helps."""

import io
import zipfile

import pytest

from runs.documents import DocumentRefused, parse
from runs.documents.limits import MAX_BYTES
from runs.documents.parsing import parse as parse_again

from .pdf_writer import Page, pdf

GERMAN = (
    "Das System muss die Position des Schiffes bestimmen und an die Leitstelle senden. Wenn die "
    "Verbindung ausfällt, soll das System die Daten speichern und nach der Wiederherstellung der "
    "Verbindung mit der höchsten Priorität übertragen. Die Genauigkeit der Messung darf nicht "
    "schlechter als ein Meter sein, und die Anzeige ist für den Bediener gut lesbar."
)


def code_of(content: bytes, name: str) -> str:
    with pytest.raises(DocumentRefused) as refused:
        parse(content, name)
    message = str(refused.value)
    assert message[0].isupper() or message[0] == "."
    assert message.endswith(".")
    assert len(message.split()) > 8
    return refused.value.code


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_the_public_function_is_the_parser() -> None:
    assert parse is parse_again


@pytest.mark.parametrize("content", [b"", b" \n\t\r\n"])
def test_empty(content: bytes) -> None:
    assert code_of(content, "a.txt") == "empty"


def test_too_large() -> None:
    assert code_of(b"a" * (MAX_BYTES + 1), "a.txt") == "too_large"


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.doc", "a.rtf", "pdf", "a.txt.exe"])
def test_unsupported_extension(name: str) -> None:
    assert code_of(b"The pump shall run.", name) == "unsupported_extension"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.4 and so on", "a.txt"),
        (b"%PDF-1.4 and so on", "a.docx"),
        (b"The pump shall run.", "a.pdf"),
        (b"The pump shall run.", "a.docx"),
        (b"\x89PNG\r\n\x1a\n and so on", "a.txt"),
        (b"{\\rtf1 The pump shall run.}", "a.md"),
        (b"<!DOCTYPE html><p>The pump shall run.", "a.txt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old file", "a.docx"),
        (zipped(**{"xl__workbook.xml": b"<x/>"}), "a.docx"),
    ],
)
def test_wrong_type_behind_the_extension(content: bytes, name: str) -> None:
    assert code_of(content, name) == "wrong_type"


def test_extensions_in_capitals_are_fine() -> None:
    assert parse(b"The pump shall run.", "A.TXT").text == "The pump shall run."


def test_encrypted_word_document() -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert code_of(content, "a.docx") == "encrypted"


def test_a_scanned_pdf_has_no_text() -> None:
    assert code_of(pdf(Page(), Page()), "a.pdf") == "no_text"


def test_corrupt_files() -> None:
    assert code_of(b"%PDF-1.4\nand then nothing that fits", "a.pdf") == "corrupt"
    broken = zipped(**{"word__document.xml": b"<w:document"})
    assert code_of(broken, "a.docx") == "corrupt"
    assert code_of(broken[: len(broken) // 2], "a.docx") == "corrupt"


def test_too_many_pages() -> None:
    assert code_of(b"The pump shall run.\n\f" * 2_001, "a.txt") == "too_many_pages"


def test_an_archive_that_unpacks_to_far_more_is_refused_unread() -> None:
    bomb = zipped(**{"word__document.xml": b"<a/>", "word__media.bin": bytes(60 * 2**20)})
    assert len(bomb) < 2**20
    assert code_of(bomb, "a.docx") == "too_large"


def test_an_archive_of_thousands_of_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
        for number in range(5_001):
            archive.writestr(f"word/{number}", "")
    assert code_of(out.getvalue(), "a.docx") == "too_large"


def test_german_is_refused_by_name() -> None:
    with pytest.raises(DocumentRefused, match="German") as refused:
        parse(GERMAN.encode(), "a.txt")
    assert refused.value.code == "not_english"


def test_a_german_section_is_named_and_the_rest_processed() -> None:
    english = (
        "The pump shall run when the tank is full, and it must stop if the valve is closed. " * 12
    )
    document = parse(f"1. Scope\n\n{english}\n\n2. Anhang\n\n{GERMAN}\n".encode(), "a.txt")
    assert document.language == "en"
    assert any("German" in warning and "2. Anhang" in warning for warning in document.warnings)
