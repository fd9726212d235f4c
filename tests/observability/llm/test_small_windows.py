"""Models with little room: a request that does not fit goes to the next one, a repair fits."""

from dataclasses import replace

import pytest
from django.utils import timezone
from langchain_core.messages import AIMessage
from pydantic import BaseModel, Field

from observability.llm import failures, gateway
from observability.llm.errors import BadAnswer, ModelError
from observability.llm.failures import Kind
from observability.models import CallPurpose, CallState, CostSource, LLMCall, ModelProfile
from observability.pricing import price_of
from tests.observability.conftest import FirstModel, SecondModel
from tests.observability.llm.conftest import Asker
from tests.wire import WireServer, behaviours
from tests.wire.profiles import Asker as WireAsker
from tests.wire.profiles import Profiler

pytest_plugins = ["tests.wire.fixtures"]

Models = tuple[type[FirstModel], type[SecondModel]]
GOOD = '{"score": 0.5}'


class Verdict(BaseModel):
    score: float = Field(ge=0, le=1)


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("code", ["context_length_exceeded", "exceed_context_size_error"])
def test_a_request_that_is_too_long_is_for_another_model(
    wired: WireServer, wired_profile: Profiler, ask: WireAsker, code: str, streaming: bool
) -> None:
    """OpenAI's code, which llama-cpp-python gives as well, and llama.cpp's."""
    profile = wired_profile("openai_compatible", streaming=streaming)
    wired.script(behaviours.error(400, code=code))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the class is the SDK's
        ask(profile)
    failure = failures.classify(caught.value, profile)
    assert (failure.kind, failure.free) == (Kind.CONTENT, True)
    assert 'too long for wired-1 (400): "The request is not valid.". Check its' in failure.message


def test_it_is_asked_of_the_next_model_at_once(
    wired: WireServer, models: Models, asker: Asker
) -> None:
    small = ModelProfile.objects.create(
        name="Small", provider="openai_compatible", model="small", base_url=wired.openai_url,
        context_window=4096, max_output_tokens=512, input_price=1, output_price=4,
    )  # fmt: skip
    step = {
        "model": small.key, "profile": small.pk, "temperature": "0.00",
        "price": price_of(small, timezone.now()).as_json(),
    }  # fmt: skip
    wired.script(behaviours.error(400, code="context_length_exceeded"))
    models[0].replies = [GOOD]
    routes = [step, {"model": "first/m-1", "temperature": "0.00"}]
    done = gateway.complete(asker(routes=routes), [("human", "Judge it.")], Verdict)
    assert done.model == "first/m-1"
    assert [(call.model, call.purpose, call.state) for call in LLMCall.objects.order_by("id")] == [
        ("small", CallPurpose.ASK, CallState.RELEASED),
        ("m-1", CallPurpose.FALLBACK, CallState.SETTLED),
    ]


@pytest.mark.parametrize(("question", "quoted"), [(500, True), (2_000, True), (4_000, False)])
def test_a_repair_fits_where_its_question_did(
    models: Models, asker: Asker, question: int, quoted: bool
) -> None:
    """The profile has a window of 1,000 tokens and a cap of 100: 2,700 characters of request."""
    first, _ = models
    bad = "word " * 4_000
    first.replies = [bad, GOOD]
    gateway.complete(asker(), [("human", "q" * question)], Verdict)
    _, ai, said = first.asked[1]
    assert sum(len(str(message.content)) for message in first.asked[1]) <= max(
        2_700, question + 500
    )
    assert str(said.content).startswith("That answer cannot be used: First gave an answer")
    if quoted:
        assert len(str(ai.content)) > 100
        assert bad.startswith(str(ai.content))
    else:
        assert ai.content == "(left out)"


def test_with_room_enough_the_whole_answer_is_quoted(models: Models, asker: Asker) -> None:
    first, _ = models
    ModelProfile.objects.update(context_window=100_000)
    bad = "word " * 3_000
    first.replies = [bad, ""]
    with pytest.raises(BadAnswer):
        gateway.complete(asker(), [("human", "Judge it.")], Verdict)
    assert first.asked[1][1].content == bad


def test_an_answer_that_stopped_before_its_cap_says_so(wired_profile: Profiler) -> None:
    """llama-cpp-python lowers the cap silently to what is left of the window."""
    usage = {"input_tokens": 8_000, "output_tokens": 192, "total_tokens": 8_192}
    answer = AIMessage(
        content="{", usage_metadata=usage, response_metadata={"finish_reason": "length"}
    )
    failure = failures.incomplete(answer, wired_profile("openai_compatible"))
    assert failure is not None
    assert failure.kind == Kind.CONTENT
    assert "after 192 tokens, with a cap of 500 tokens" in failure.message
    assert "the server's context window" in failure.message


@pytest.mark.parametrize(
    ("times", "output", "overrun"),
    [(100, 500, False), (125, 500, False), (200, 1_000, True)],
    ids=["fits", "within what an estimate can be off", "cannot be within the cap"],
)
def test_an_estimate_makes_no_overrun_of_an_answer_that_just_fits(
    wired: WireServer, asker: Asker, times: int, output: int, overrun: bool
) -> None:
    """A local server that streams and reports no usage: only the text tells what it used."""
    profile = ModelProfile.objects.create(
        name="Silent", provider="openai_compatible", model="silent", base_url=wired.openai_url,
        context_window=8192, max_output_tokens=500, streaming=True, input_price="0.01",
        output_price=100,
    )  # fmt: skip
    step = {
        "model": profile.key, "profile": profile.pk, "temperature": "0.00",
        "price": price_of(profile, timezone.now()).as_json(),
    }  # fmt: skip
    words = "abcd abcd ab,ab " * times  # each time, 5 tokens by the estimate
    wired.script(replace(behaviours.ignores_cap(0), text=words, over_cap=1, usage=False))
    with pytest.raises(ModelError):
        gateway.complete(asker(routes=[step]), [("human", "Judge it.")], Verdict)
    call = LLMCall.objects.order_by("id")[0]
    assert (call.cost_source, call.output, call.overrun) == (
        CostSource.ESTIMATED,
        output,
        overrun,
    )
    profile.refresh_from_db()
    assert profile.enabled is not overrun


def test_a_server_that_is_out_of_order_is_quoted(
    wired: WireServer, wired_profile: Profiler, ask: WireAsker
) -> None:
    """llama-cpp-python answers 500 to what it does not understand; only its words help then."""
    profile = wired_profile("openai_compatible")
    wired.script(behaviours.error(500, message="Input should be 'text' or 'json_object'"))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the class is the SDK's
        ask(profile)
    failure = failures.classify(caught.value, profile)
    assert failure.kind == Kind.TRANSIENT
    assert ": \"Input should be 'text' or 'json_object'\". Try again later" in failure.message
