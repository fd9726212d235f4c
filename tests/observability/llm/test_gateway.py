"""The only door to a model: what is asked is on record, what was answered is not paid again."""

from typing import Any

import pytest
from django.utils import timezone
from pydantic import BaseModel, Field

from observability.llm import gateway, providers
from observability.llm.errors import BadAnswer, CallCancelled, ModelError, NoSuchProvider
from observability.models import CallPurpose, CallState, CostSource, LLMCall, ModelProfile
from tests.observability.conftest import FirstModel, SecondModel
from tests.observability.llm.conftest import Asker

Models = tuple[type[FirstModel], type[SecondModel]]
MESSAGES = [("system", "Decompose."), ("human", "The unit shall report.")]


class Verdict(BaseModel):
    """What the models of these tests are asked for."""

    score: float = Field(ge=0, le=1)
    reason: str = ""


GOOD = '{"score": 0.5, "reason": "It has numbers."}'


def calls() -> list[LLMCall]:
    return list(LLMCall.objects.order_by("id"))


def test_an_answer_is_parsed_and_its_call_settled(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = [GOOD]
    first.usage = {"input_tokens": 120, "output_tokens": 30, "total_tokens": 150}
    context = asker()
    done = gateway.complete(context, MESSAGES, Verdict)
    assert done.answer == Verdict(score=0.5, reason="It has numbers.")
    assert done.model == "first/m-1"
    [call] = calls()
    assert (call.state, call.answer, call.error) == (CallState.SETTLED, GOOD, "")
    assert (call.input_fresh, call.output) == (120, 30)
    assert call.raw_usage == first.usage
    assert call.prompt == [list(part) for part in MESSAGES]
    dimensions = ("project_id", "run_id", "subsystem_id", "person_id", "node", "iteration",
                  "ordinal", "skill")  # fmt: skip
    assert [getattr(call, name) for name in dimensions] == [
        getattr(context, name) for name in dimensions
    ]
    assert (call.provider, call.model, call.profile.name) == ("first", "m-1", "First")


def test_the_model_gets_the_messages_and_the_id_of_its_call(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = [GOOD]
    gateway.complete(asker(), MESSAGES, Verdict)
    [messages] = first.asked
    assert [(message.type, message.content) for message in messages] == MESSAGES
    assert first.asked_as == [call.pk for call in calls()]


def test_the_call_is_on_record_before_the_model_is_asked(models: Models, asker: Asker) -> None:
    seen: list[Any] = []

    def watch() -> str:
        seen.extend(LLMCall.objects.values_list("state", "answer"))
        return GOOD

    models[0].replies = [watch]
    gateway.complete(asker(), MESSAGES, Verdict)
    assert seen == [(CallState.HELD, "")]


def test_the_same_question_is_answered_from_the_record(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = [GOOD]
    first.usage = {"input_tokens": 120, "output_tokens": 30, "total_tokens": 150}
    paid = gateway.complete(asker(), MESSAGES, Verdict)
    LLMCall.objects.update(cost_nusd=9_000, cost_source=CostSource.METERED)
    replayed = [gateway.complete(asker(), MESSAGES, Verdict) for _ in range(2)]
    assert replayed == [paid, paid]
    assert len(first.asked) == 1
    original, *replays = calls()
    assert (original.cost_nusd, original.cost_source) == (9_000, CostSource.METERED)
    for replay in replays:
        assert (replay.state, replay.cost_source) == (CallState.SETTLED, CostSource.REPLAYED)
        assert (replay.cost_nusd, replay.held_nusd, replay.tokens) == (0, 0, 0)
        assert replay.request_key == original.request_key
        assert (replay.answer, replay.prompt) == ("", [])  # the original has them
        assert (replay.run_id, replay.node, replay.skill) == (
            original.run_id,
            original.node,
            original.skill,
        )


def test_an_answer_that_was_pruned_is_asked_for_again(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = [GOOD, GOOD]
    gateway.complete(asker(), MESSAGES, Verdict)
    LLMCall.objects.update(prompt=[], answer="", pruned_at=timezone.now())
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 0.5
    assert [call.purpose for call in calls()] == [CallPurpose.ASK, CallPurpose.ASK]
    assert len(first.asked) == 2


@pytest.mark.parametrize(
    "state", [CallState.HELD, CallState.RELEASED, CallState.UNCONFIRMED], ids=str
)
def test_what_was_not_answered_is_not_replayed(
    models: Models, asker: Asker, state: CallState
) -> None:
    first, _ = models
    first.replies = [GOOD, '{"score": 1}']
    gateway.complete(asker(), MESSAGES, Verdict)
    LLMCall.objects.update(state=state)
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 1
    assert len(first.asked) == 2


def test_another_question_is_asked(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = [GOOD, '{"score": 1}']
    gateway.complete(asker(), MESSAGES, Verdict)
    assert gateway.complete(asker(ordinal=4), MESSAGES, Verdict).answer.score == 1


def test_an_answer_that_does_not_fit_is_given_back_for_repair(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = ['{"score": 7}', GOOD]
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 0.5
    assert [call.purpose for call in calls()] == [CallPurpose.ASK, CallPurpose.REPAIR]
    said = [(message.type, message.content) for message in first.asked[1]]
    assert said[:2] == MESSAGES
    assert said[2] == ("ai", '{"score": 7}')
    assert "score: Input should be less than or equal to 1" in said[3][1]


def test_a_repaired_answer_is_not_paid_again(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = ['{"score": 7}', GOOD]
    gateway.complete(asker(), MESSAGES, Verdict)
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 0.5
    assert len(first.asked) == 2
    assert calls()[-1].cost_source == CostSource.REPLAYED


def test_a_bad_answer_whose_repair_was_never_asked_for_is_repaired(
    models: Models, asker: Asker
) -> None:
    """The process died between the two: the first answer is paid for, and is not asked again."""
    first, _ = models
    first.replies = ['{"score": 7}', KeyboardInterrupt(), GOOD]
    with pytest.raises(KeyboardInterrupt):
        gateway.complete(asker(), MESSAGES, Verdict)
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 0.5
    assert len(first.asked) == 3
    assert len(first.asked[2]) == 4  # the repair, once more


def test_a_question_that_was_repaired_in_vain_is_asked_anew(models: Models, asker: Asker) -> None:
    first, _ = models
    first.replies = ['{"score": 7}', '{"score": 8}', GOOD]
    with pytest.raises(BadAnswer):
        gateway.complete(asker(), MESSAGES, Verdict)
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 0.5
    assert len(first.asked[2]) == 2


@pytest.mark.parametrize(
    "wrapped",
    [
        '```json\n{"score": 0.5}\n```',
        'Here it is:\n```\n{"score": 0.5}\n```\nAnything else?',
        'The answer is {"score": 0.5}.',
    ],
)
def test_an_object_in_a_fence_or_in_words_is_found(
    models: Models, asker: Asker, wrapped: str
) -> None:
    models[0].replies = [wrapped]
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.score == 0.5


BAD = ["", "not JSON", "[]", '{"reason": "no score"}', '{"score": 1.5}', '{"score": "high"}']


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_answer_sends_the_question_to_the_next_model(
    models: Models, asker: Asker, bad: str
) -> None:
    first, second = models
    first.replies, second.replies = [bad, bad], [GOOD]
    done = gateway.complete(asker("first/m-1", "second/m-1"), MESSAGES, Verdict)
    assert (done.answer.score, done.model) == (0.5, "second/m-1")
    assert [(call.provider, call.purpose, call.state, call.answer) for call in calls()] == [
        ("first", CallPurpose.ASK, CallState.SETTLED, bad),  # it was answered, and so it is paid
        ("first", CallPurpose.REPAIR, CallState.SETTLED, bad),
        ("second", CallPurpose.FALLBACK, CallState.SETTLED, GOOD),
    ]
    assert first.asked[0] == second.asked[0]


def test_a_good_answer_is_the_last_question(models: Models, asker: Asker) -> None:
    first, second = models
    first.replies, second.replies = [GOOD], [GOOD]
    gateway.complete(asker("first/m-1", "second/m-1"), MESSAGES, Verdict)
    assert second.asked == []


def test_when_no_model_gives_a_valid_answer_the_last_one_is_named(
    models: Models, asker: Asker
) -> None:
    first, second = models
    first.replies, second.replies = ["not JSON"] * 2, ['{"score": 7}'] * 2
    with pytest.raises(BadAnswer, match=r"Second gave an answer that does not fit: score: "):
        gateway.complete(asker("first/m-1", "second/m-1"), MESSAGES, Verdict)
    assert len(calls()) == 4


def test_a_node_without_a_route_says_so(asker: Asker) -> None:
    with pytest.raises(BadAnswer, match="The node Decompose has no route"):
        gateway.complete(asker(routes=[]), MESSAGES, Verdict)
    assert calls() == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_a_call_whose_outcome_is_unknown_stays_charged(
    models: Models, asker: Asker, error: BaseException
) -> None:
    first, second = models
    first.replies, second.replies = [error], [GOOD]
    with pytest.raises(type(error)):
        gateway.complete(asker("first/m-1", "second/m-1"), MESSAGES, Verdict)
    [call] = calls()
    assert (call.state, call.cost_nusd) == (CallState.UNCONFIRMED, call.held_nusd)
    assert call.error == f"{type(error).__name__}: {error}"
    assert second.asked == []


def test_a_call_that_was_refused_before_it_was_sent_is_released(
    models: Models, asker: Asker
) -> None:
    first, _ = models
    first.replies = [ModelError("The message is longer than the model's window.")]
    with pytest.raises(ModelError, match="window"):
        gateway.complete(asker(), MESSAGES, Verdict)
    [call] = calls()
    assert (call.state, call.cost_nusd) == (CallState.RELEASED, 0)
    assert "window" in call.error


def test_a_cancelled_run_asks_nothing(models: Models, asker: Asker) -> None:
    with pytest.raises(CallCancelled):
        gateway.complete(asker(cancelled=lambda: True), MESSAGES, Verdict)
    assert (models[0].asked, calls()) == ([], [])


def test_a_run_that_is_cancelled_meanwhile_does_not_ask_the_next_model(
    models: Models, asker: Asker
) -> None:
    first, second = models
    first.replies = ["not JSON"]
    context = asker("first/m-1", "second/m-1", cancelled=lambda: bool(first.asked))
    with pytest.raises(CallCancelled):
        gateway.complete(context, MESSAGES, Verdict)
    assert (len(first.asked), second.asked, len(calls())) == (1, [], 1)


def test_a_model_that_is_gone_is_not_asked(models: Models, asker: Asker) -> None:
    with pytest.raises(NoSuchProvider, match="gone/m-1 is not available any more: enable it"):
        gateway.complete(asker("gone/m-1"), MESSAGES, Verdict)
    ModelProfile.objects.filter(provider="first").update(enabled=False)
    with pytest.raises(NoSuchProvider, match="first/m-1 is not available any more: enable it"):
        gateway.complete(asker(), MESSAGES, Verdict)
    assert (models[0].asked, calls()) == ([], [])


def test_a_provider_that_nobody_registered_holds_nothing(models: Models, asker: Asker) -> None:
    del providers._paths["first"]
    with pytest.raises(NoSuchProvider, match="'first'"):
        gateway.complete(asker(), MESSAGES, Verdict)
    assert calls() == []


def test_an_answer_that_cost_nothing_says_who_gave_it(asker: Asker, models: Models) -> None:
    providers.register("embedded", providers._paths["first"])
    models[0].replies = [GOOD]
    gateway.complete(asker("embedded/analyst-1"), MESSAGES, Verdict)
    [call] = calls()
    assert (call.cost_nusd, call.cost_source) == (0, CostSource.EMBEDDED)


@pytest.mark.parametrize(
    ("said", "reason"), [(r"a\\u0000b", r"a\u0000b"), (r"a\u0000b", "ab"), (r"\\\u0000", "\\")]
)
def test_an_escaped_nul_is_left_out_and_an_escaped_backslash_is_not(
    models: Models, asker: Asker, said: str, reason: str
) -> None:
    models[0].replies = [f'{{"score": 0.5, "reason": "{said}"}}']
    assert gateway.complete(asker(), MESSAGES, Verdict).answer.reason == reason
