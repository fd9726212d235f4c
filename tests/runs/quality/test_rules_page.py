from runs.quality import rules_page
from runs.quality.finding import Dimension
from runs.quality.rules.registry import BY_ID, SET_RULES, TEXT_RULES


def test_the_page_is_up_to_date() -> None:
    written = rules_page.PAGE.read_text(encoding="utf-8")
    assert written == rules_page.page(), "run: python -m runs.quality.rules_page"


def test_every_rule_has_a_row_of_its_own() -> None:
    page = rules_page.page()
    assert len(BY_ID) == len(TEXT_RULES) + len(SET_RULES) + 1
    for rule in BY_ID:
        assert page.count(f"| `{rule}` |") == 1


def test_the_page_says_of_each_rule_whether_it_was_measured() -> None:
    page = rules_page.page()
    for rule in BY_ID.values():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{rule.id}` |"))
        assert str(rule.precision or "not measured") in row
        if rule.dimension is Dimension.DOMAIN:
            assert rule.precision is None, "then _DOMAIN of the page is no longer true"
    assert "the precision of none of these is measured" in page
