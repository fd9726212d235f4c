"""Markdown that people wrote, as HTML that can do no harm."""

from django.utils.safestring import SafeString, mark_safe

TAGS = {
    "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li", "blockquote", "pre", "code", "em",
    "strong", "a", "hr", "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def render_markdown(text: str) -> SafeString:
    """HTML of CommonMark with tables. Raw HTML in the text is shown as text, images are left out.

    Headings move one level down, below the page's own.
    """
    import nh3  # both are only needed by the few pages that show a method
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    html = markdown.renderer.render(tokens, markdown.options, {})
    clean = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}
    )
    return mark_safe(clean)  # noqa: S308 - sanitised on the line above
