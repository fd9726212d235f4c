import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.language.clauses import parse_clause
from runs.language.conjuncts import split_actions


@pytest.mark.parametrize(
    ("sentence", "conditions", "actor", "action", "trailing"),
    [
        ("The pump shall stop.", [], "The pump", "stop", []),
        (
            "When the tank is full, the pump shall stop.",
            ["When the tank is full"],
            "the pump",
            "stop",
            [],
        ),
        (
            "If the call may be lost, the radio shall sound a tone.",
            ["If the call may be lost"],
            "the radio",
            "sound a tone",
            [],
        ),
        (
            "If the brake is applied by an operator it shall be possible to release it.",
            ["If the brake is applied by an operator"],
            "it",
            "be possible to release it",
            [],
        ),
        (
            "If a logger is fitted, the date, time and place of the call shall be stored.",
            ["If a logger is fitted"],
            "the date, time and place of the call",
            "be stored",
            [],
        ),
        (
            "The pump shall stop only when the tank (if fitted) is full.",
            [],
            "The pump",
            "stop",
            ["only when the tank (if fitted) is full"],
        ),
        ("In addition, the pump shall stop. (M)", [], "the pump", "stop", []),
        (
            "The text that may change shall be stored.",
            [],
            "The text that may change",
            "be stored",
            [],
        ),
        ("Shall store the text.", [], "", "store the text", []),
    ],
)
def test_a_sentence_is_taken_apart(
    sentence: str, conditions: list[str], actor: str, action: str, trailing: list[str]
) -> None:
    clause = parse_clause(sentence)
    assert [clause.part(span) for span in clause.conditions] == conditions
    assert clause.part(clause.actor) == actor
    assert clause.part(clause.action) == action
    assert [clause.part(span) for span in clause.trailing] == trailing


def test_a_title_in_front_is_set_aside() -> None:
    clause = parse_clause("Text quality: The wording should be plain.")
    assert clause.part(clause.title) == "Text quality:"
    assert clause.part(clause.actor) == "The wording"


def test_without_a_main_modal_all_is_action() -> None:
    clause = parse_clause("The rules which shall apply are listed.")
    assert clause.modal is None
    assert clause.part(clause.action) == "The rules which shall apply are listed."


@pytest.mark.parametrize(
    ("action", "parts"),
    [
        ("send the plan to the ship and receive the answer", 2),
        ("leave the line, hold the vessel in place, and return to the line", 3),
        ("supervise train and shunting movements", 1),
        ("record, store and display the data", 1),
        ("be displayed and recorded", 1),
        ("be shown on the panel and stored in the log", 2),
        ("search and rescue divers", 1),
    ],
)
def test_only_actions_that_stand_alone_are_split(action: str, parts: int) -> None:
    assert len(split_actions(action).parts) == parts


def test_what_the_actions_share_is_kept_apart() -> None:
    action = "be able to open the gate and close the valve"
    split = split_actions(action)
    assert split.prefix == "be able to "
    assert [part.of(action) for part in split.parts] == ["open the gate", "close the valve"]


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    clause = parse_clause(text)
    for span in (clause.title, clause.actor, clause.action, *clause.conditions, *clause.trailing):
        assert span is None or 0 <= span.start <= span.end <= len(text)
    split_actions(text)


@pytest.mark.parametrize(
    "text",
    ["when a, " * 400, "If shall, " * 300, "(" * 3000, "the the " * 370, "if a shall " * 270],
)
def test_hostile_sentences_stay_cheap(text: str) -> None:
    start = time.perf_counter()
    parse_clause(text)
    assert time.perf_counter() - start < 0.5
