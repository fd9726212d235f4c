"""Bytes of many editors into text."""

import codecs

import pytest

from runs.documents import DocumentRefused
from runs.documents.encoding import decode

from .reading import read, texts

SENTENCE = "The façade’s sensor shall measure −5 °C to 40 °C."


@pytest.mark.parametrize(
    "content",
    [
        SENTENCE.encode(),
        codecs.BOM_UTF8 + SENTENCE.encode(),
        codecs.BOM_UTF16_LE + SENTENCE.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + SENTENCE.encode("utf-16-be"),
        SENTENCE.encode("utf-16-le"),
        SENTENCE.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + SENTENCE.encode("utf-32-le"),
    ],
)
def test_unicode_in_every_form(content: bytes) -> None:
    assert texts(read(content)) == [SENTENCE]


def test_latin_1_and_windows() -> None:
    plain = "The façade sensor shall measure 40 °C."
    assert decode(plain.encode("latin-1"))[0] == plain
    assert (
        decode("The “pump” shall run – always.".encode("cp1252"))[0]
        == "The “pump” shall run – always."
    )


def test_a_damaged_character_is_named_and_does_not_stop_the_reading() -> None:
    text, warnings = decode(("é" * 50).encode() + b"\xff" + b"The pump shall run.")
    assert text.endswith("�The pump shall run.")
    assert len(warnings) == 1


def test_noise_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        decode(bytes(range(256)) * 40)
    assert refused.value.code == "unreadable_encoding"


def test_surrogates_do_not_spoil_the_rest_of_a_utf8_text() -> None:
    """Written by programs that hold text in UTF-16: a pair is a character, a lone half is none."""
    pair, lone = "\ud83d\ude00", "\ud800"
    written = f"within \u00b12 \u00b0C {pair} and{lone} 5 s".encode("utf-8", "surrogatepass")
    text, warnings = decode(written)
    assert text == "within \u00b12 \u00b0C \U0001f600 and\ufffd 5 s"
    assert warnings == ("1 characters could not be read as UTF-8 and show as \ufffd.",)
