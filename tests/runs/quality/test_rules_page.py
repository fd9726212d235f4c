from runs.quality import rules_page
from runs.quality.rules.registry import BY_ID, SET_RULES, TEXT_RULES


def test_the_page_is_up_to_date() -> None:
    written = rules_page.PAGE.read_text(encoding="utf-8")
    assert written == rules_page.page(), "run: python -m runs.quality.rules_page"


def test_every_rule_has_a_row_of_its_own() -> None:
    page = rules_page.page()
    assert len(BY_ID) == len(TEXT_RULES) + len(SET_RULES) + 1
    for rule in BY_ID:
        assert page.count(f"| `{rule}` |") == 1
