import pytest

from skills import lint
from skills.models import SkillSlug


def check(body: str, changelog: str = "") -> lint.Report:
    return lint.check(SkillSlug.EXTRACTION, {}, body, changelog)


@pytest.mark.parametrize(
    "line",
    [
        "Use sk-abcdefghijklmnop1234 for it.",
        "key AKIAABCDEFGHIJKLMNOP",
        "ghp_abcdefghijklmnopqrstuvwxyz012345",
        "API key: 0123456789abcdef",
        'api_key = "0123456789abcdef"',
        "password: hunter2hunter2",
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_warned_of_by_its_line(line: str) -> None:
    report = check(f"# Method\n\n{line}\n")
    assert report.errors == ()
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith("Line 3 looks as if it held an API key")


@pytest.mark.parametrize(
    "line",
    [
        "The system shall reject a password that is too short.",
        "Quote keys such as SYS-001 letter by letter.",
        "A requirement on an API key is a requirement.",
    ],
)
def test_words_about_secrets_are_no_secrets(line: str) -> None:
    assert check(line).warnings == ()


def test_the_size_limit_counts_bytes() -> None:
    assert check("ä" * 25_000).errors == ()
    assert "at most 50,000" in check("ä" * 25_000 + "a").errors[0]


def test_several_errors_are_told_together() -> None:
    report = lint.check(SkillSlug.EXTRACTION, {"minimum_confidence": 2}, "", "two\x00lines")
    assert len(report.errors) == 3
