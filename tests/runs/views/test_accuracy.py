"""The page of what was measured, and its twin in docs/."""

from runs.evaluating.accuracy_page import PAGE, page
from runs.evaluating.record import recorded
from tests.audience import check_anonymous
from tests.conftest import World


def test_everybody_here_sees_what_was_measured(world: World) -> None:
    check_anonymous("/accuracy/")
    text = world.client(world.stranger).get("/accuracy/").text
    accuracy = recorded()
    assert f"Measured on {accuracy.date} with version {accuracy.version}" in text
    for part in accuracy.parts.values():
        assert part.title in text
        assert all(f"{row.f1:.3f}" in text for row in part.rows)
    assert set(accuracy.parts) >= {"extraction", "types", "smells", "trace"}


def test_the_page_in_docs_says_the_same() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "docs/accuracy.md is out of date: python -m runs.evaluating.accuracy_page"
    )
