"""What a specification says is shown as it is, and never becomes markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from runs.exports.markdown import escape, page, plain, table

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PUNCTUATION = st.text(alphabet="#+-=>*_`~|[]()<>!&;:/\\.0129abwx@ \n\t\r$", max_size=40)


def words_of(text: str) -> tuple[list[str], str]:
    """The block tokens and the visible characters of rendered Markdown."""
    tokens = MARKDOWN.parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    return [token.type for token in tokens] + [
        child.type for child in inline if child.type not in {"text", "text_special"}
    ], "".join(child.content for child in inline)


@given(PUNCTUATION | st.text(max_size=60))
def test_any_text_stays_the_text_of_one_paragraph(text: str) -> None:
    blocks, shown = words_of(escape(text))
    assert shown == plain(text)
    assert blocks == (["paragraph_open", "inline", "paragraph_close"] if plain(text) else [])


@given(PUNCTUATION)
def test_any_text_stays_in_its_cell(text: str) -> None:
    html = MARKDOWN.render("\n".join(table(("a", "b"), [(escape(text), "end")])))
    assert html.count("<td>") == 2
    assert "<td>end</td>" in html


@given(PUNCTUATION)
def test_any_text_stays_in_its_list_item(text: str) -> None:
    html = MARKDOWN.render(page([[f"- {escape(text)}", "- end"]]))
    assert html.count("<li>") == 2
    assert not re.search(r"<(a|img|h\d|code|em|strong|pre|blockquote|ol|hr)\b", html)


@pytest.mark.parametrize("address", ["http://a.example", "www.a.example", "mailto:x@a.example"])
def test_addresses_do_not_become_links_where_readers_link_them(address: str) -> None:
    assert address not in escape(f"see {address} now")


def test_marks_that_turn_the_direction_of_text_are_left_out() -> None:
    assert escape("safe\u202etxt.exe\x00") == "safetxt.exe"


def test_numbers_read_as_numbers() -> None:
    assert escape("0.91 is at least 0.80.") == "0.91 is at least 0.80."
    assert escape("1. first") == "1\\. first"
