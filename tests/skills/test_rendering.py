import pytest

from skills.rendering import render_markdown


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](&#106;avascript:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "<a href='javascript:alert(1)'>x</a>",
        "<http://a onclick=alert(1)>",
        '[a](http://x "onmouseover=alert(1)")',
        "![a](http://tracker.example/x.png)",
        "`<script>`<iframe src=//x></iframe>",
        "<style>body{display:none}</style>",
    ],
)
def test_nothing_that_acts_gets_through(attack: str) -> None:
    html = render_markdown(f"# Title\n\n{attack}\n").lower()
    for tag in ("<script", "<img", "<svg", "<iframe", "<style"):
        assert tag not in html
    for piece in html.split("<")[1:]:
        inside = piece.split(">")[0]
        assert "javascript:" not in inside
        assert "data:" not in inside
        assert not any(name in inside for name in (" onerror", " onload", " onclick", " onmouse"))


def test_markdown_reads_as_it_should_with_headings_below_the_pages_own() -> None:
    html = render_markdown(
        "# One\n\n###### Six\n\n- **a** `b`\n\n| h |\n|---|\n| c |\n\n<b>raw</b>"
    )
    assert "<h2>One</h2>" in html
    assert "<h6>Six</h6>" in html
    assert "<li><strong>a</strong> <code>b</code></li>" in html
    assert "<td>c</td>" in html
    assert "&lt;b&gt;raw&lt;/b&gt;" in html


def test_links_lead_out_without_handing_anything_over() -> None:
    html = render_markdown("[here](https://example.org)")
    assert 'href="https://example.org"' in html
    assert 'rel="noopener noreferrer"' in html
