"""The server of the tests: what it counts and charges, and that it plays by its script."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from decimal import Decimal
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire import Asked, Buckets, Prices, WireServer, behaviours
from tests.wire.answers import by_analyst
from tests.wire.billing import count, first_tokens

ROOT = Path(__file__).parents[3]
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "Say something, please."}]}

pytest_plugins = ["tests.wire.fixtures"]


def post(url: str, body: dict[str, Any]) -> tuple[int, bytes]:
    request = urllib.request.Request(  # noqa: S310 - the server of this test
        url, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def chat(server: WireServer, **values: Any) -> dict[str, Any]:
    status, body = post(f"{server.openai_url}/chat/completions", {**QUESTION, **values})
    assert status == 200
    answer: dict[str, Any] = json.loads(body)
    return answer


@given(st.text())
def test_a_text_has_never_more_tokens_than_bytes(text: str) -> None:
    assert count(text) <= len(text.encode())


@given(st.text(), st.integers(0, 20))
def test_a_cut_text_is_the_longest_beginning_that_fits(text: str, most: int) -> None:
    kept = first_tokens(text, most)
    assert text.startswith(kept)
    assert count(kept) <= most
    assert kept == text or count(text[: len(kept) + 1]) > most


def test_every_answer_is_on_the_bill_to_the_last_digit(wire: WireServer) -> None:
    wire.answers = "one two three"
    usage = chat(wire)["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (6, 4)
    [line] = wire.bill.lines
    assert line.tokens == Buckets(input_fresh=6, output=4)
    assert line.cost == wire.bill.total == Decimal("0.000022")
    assert (line.nusd, wire.bill.nusd, line.delivered) == (22_000, 22_000, True)


def test_fractions_of_a_nano_dollar_are_rounded_up_per_answer() -> None:
    with WireServer("word", prices=Prices(Decimal("0.00015"), Decimal("0.0006"))) as server:
        chat(server)
        chat(server)
        # 6 x 0.15 + 1 x 0.6 = 1.5 nano-dollars each
        assert server.bill.total == Decimal("3.0e-9")
        assert server.bill.nusd == 4


def test_each_model_has_its_price_and_one_without_is_unknown() -> None:
    prices = {"cheap": Prices(output=Decimal(1)), "dear": Prices(output=Decimal(50))}
    with WireServer("word", prices=prices) as server:
        chat(server, model="cheap")
        chat(server, model="dear")
        status, _ = post(f"{server.openai_url}/chat/completions", QUESTION)
        assert [line.nusd for line in server.bill.lines] == [7_000, 56_000]
        assert status == 404


def test_the_script_is_played_in_order_and_a_models_own_goes_first(wire: WireServer) -> None:
    wire.script(behaviours.normal("first"), behaviours.normal("second"))
    wire.script(behaviours.normal("for n"), model="n")
    said = [
        chat(wire, model=model)["choices"][0]["message"]["content"] for model in ("n", "m", "n")
    ]
    assert said == ["for n", "first", "second"]
    assert wire.scripted == 0
    assert chat(wire)["choices"][0]["message"]["content"] == "{}"


def test_an_answer_can_be_made_from_the_request(wire: WireServer) -> None:
    def answer(asked: Asked) -> str:
        return f"{asked.model} heard {asked.text!r} as the last of {len(asked.messages)}"

    wire.answers = answer
    said = chat(wire)["choices"][0]["message"]["content"]
    assert said == "m heard 'Say something, please.' as the last of 1"


@pytest.mark.parametrize("sent", ["max_tokens", "max_completion_tokens"])
def test_a_cap_by_another_name_is_no_cap(sent: str) -> None:
    with WireServer("word " * 50, openai_caps=["max_tokens"]) as server:
        answer = chat(server, **{sent: 10})
        capped = sent == "max_tokens"
        assert answer["usage"]["completion_tokens"] == (10 if capped else 50)
        assert answer["choices"][0]["finish_reason"] == ("length" if capped else "stop")


def test_reasoning_counts_toward_the_cap(wire: WireServer) -> None:
    wire.answers = "word " * 50
    wire.script(behaviours.reasoning(64))
    answer = chat(wire, max_tokens=80)
    [line] = wire.bill.lines
    assert (line.tokens.reasoning, line.tokens.output) == (64, 16)
    assert answer["usage"]["completion_tokens"] == 80


@pytest.mark.parametrize("billed", [True, False])
@pytest.mark.parametrize(
    "make",
    [behaviours.cut, lambda billed: behaviours.error(500, billed=billed)],
    ids=["cut", "500"],
)
def test_what_broke_later_is_charged_or_not(wire: WireServer, make: Any, billed: bool) -> None:
    wire.script(make(billed=billed))
    with pytest.raises((AssertionError, HTTPException)):
        assert post(f"{wire.openai_url}/chat/completions", QUESTION)[0] == 200
    assert [line.delivered for line in wire.bill.lines] == ([False] if billed else [])
    assert wire.bill.delivered_nusd == 0


def test_nobody_charges_what_was_refused() -> None:
    with pytest.raises(ValueError, match="nobody charges"):
        behaviours.error(429, billed=True)


def test_the_same_request_costs_the_same_in_every_format(wire: WireServer) -> None:
    wire.answers = '{"children": []}'
    said = "The unit shall report its state."
    chat(wire, messages=[{"role": "user", "content": said}])
    post(
        f"{wire.url}/v1/messages",
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": said}]},
    )
    post(
        f"{wire.url}/v1beta/models/m:generateContent",
        {"contents": [{"role": "user", "parts": [{"text": said}]}]},
    )
    assert len({line.tokens for line in wire.bill.lines}) == 1
    assert [asked.provider for asked in wire.requests] == ["openai", "anthropic", "google"]


def test_the_analyst_can_answer_for_it(wire: WireServer) -> None:
    wire.answers = by_analyst
    request = {
        "document": "d",
        "blocks": [{"ref": 0, "kind": "paragraph", "text": "The unit shall report its state."}],
    }
    told = json.dumps({"task": "extract", "parameters": {}, "request": request})
    messages = [{"role": "user", "content": told}, {"role": "user", "content": "Once more."}]
    answer = json.loads(chat(wire, messages=messages)["choices"][0]["message"]["content"])
    [found] = answer["requirements"]
    assert found["quote"]["text"] == "The unit shall report its state."
    assert chat(wire)["choices"][0]["message"]["content"] == "{}"


def test_it_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.wire", "--answer", "word", "--prices", "1,2,3,4,5"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        try:
            post(f"{url}/_wire/script", {"behaviours": ["error:503", "rate_limited:2"]})
            statuses = [post(f"{url}/v1/chat/completions", QUESTION)[0] for _ in range(3)]
            with urllib.request.urlopen(f"{url}/_wire/bill", timeout=10) as answer:  # noqa: S310
                bill = json.load(answer)
        finally:
            process.terminate()
        assert process.wait(10) == 0
    assert statuses == [503, 429, 200]
    assert (bill["total"], bill["nusd"], len(bill["lines"])) == ("0.000008", 8_000, 1)


@pytest.mark.parametrize("name", ["slow:0.1", "cut:torn", "ignores_cap:5", "low_credit"])
def test_behaviours_have_names_for_the_command_line(name: str) -> None:
    assert behaviours.named(name).name.startswith(name.partition(":")[0])


def test_an_unknown_behaviour_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'magic'.*overloaded_midway"):
        behaviours.named("magic")
