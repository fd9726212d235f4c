"""Estimates beside real counts, and the bound above all counts that there can be."""

import json
import random
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from observability.tokens import estimate, input_bound

PROSE = (
    "The pump controller shall stop the pump within 2 s after it receives a stop command from the "
    "operator. If the connection to the ground station is lost for longer than 500 ms, the flight "
    "computer must switch to the backup link and record the event in its maintenance log. Nominal "
    "accuracy (95 %) is 0.5 m horizontally; under jamming it may degrade to no worse than 5 m."
)
REQUIREMENTS = json.dumps(
    {
        "requirements": [
            {
                "quote": {"block": number, "text": sentence.strip()},
                "lead_in": None,
                "identifier": f"FR-{number:03d}",
                "type": "FUNC",
                "modal": "shall",
                "confidence": 0.9,
                "reason": "names an obligation",
            }
            for number, sentence in enumerate(PROSE.split(".")[:6])
        ]
    }
)
TEXTS = {
    "prose": PROSE,
    "JSON": REQUIREMENTS,
    "JSON, laid out": json.dumps(json.loads(REQUIREMENTS), indent=2),
    "JSON, packed": json.dumps(json.loads(REQUIREMENTS), separators=(",", ":")),
    "identifiers": "\n".join(f"NAV-FUNC-{n:03d} traces to SSR-{n // 3:03d}" for n in range(60)),
    "numbers": "\n".join(f"{n}, {n * 37.5:.3f}, {n * n} ms" for n in range(60)),
    "code": "def hold(call: LLMCall) -> LLMCall:\n    with transaction.atomic(durable=True):\n"
    "        call.state = CallState.HELD\n        call.save(force_insert=True)\n    return call\n",
    "German": "Das System muss die Position des Flugzeugs mindestens zehnmal pro Sekunde berechnen "
    "und an die Bodenstation übertragen. Fällt die Verbindung aus, muss der Regler innerhalb von "
    "zwei Sekunden umschalten und eine Störungsmeldung ausgeben.",
    "French": "Le système doit calculer la position de l'aéronef au moins dix fois par seconde et "
    "la transmettre à la station au sol. En cas de défaillance de la liaison, le régulateur doit "
    "basculer en moins de deux secondes vers la commande de secours.",
    "Spanish": "El sistema debe calcular la posición de la aeronave al menos diez veces por "
    "segundo y transmitirla a la estación terrestre. En caso de fallo del enlace, el regulador "
    "debe conmutar en menos de dos segundos al control de reserva.",
    "Chinese": "系统应当每秒至少计算十次飞机的位置，并将其传送到地面站。"
    "当链路发生故障时，控制器应当在两秒内切换到备用控制。",
}
COUNTS = {  # by o200k_base and cl100k_base of OpenAI, and by Claude 2's published tokenizer
    "prose": (83, 84, 79),
    "JSON": (363, 364, 354),
    "JSON, laid out": (447, 448, 439),
    "JSON, packed": (289, 284, 293),
    "identifiers": (659, 659, 779),
    "numbers": (720, 720, 606),
    "code": (42, 41, 50),
    "German": (51, 64, 69),
    "French": (57, 63, 68),
    "Spanish": (48, 56, 60),
    "Chinese": (42, 57, 53),
}


@pytest.mark.parametrize("name", TEXTS)
def test_an_estimate_is_within_30_percent_of_the_real_count(name: str) -> None:
    guess = estimate(TEXTS[name], "").input_fresh
    for real in COUNTS[name]:
        assert 0.7 * real <= guess <= 1.3 * real


@given(st.text(), st.text())
def test_text_is_never_estimated_at_nothing(prompt: str, answer: str) -> None:
    usage = estimate(prompt, answer)
    assert (usage.input_fresh > 0) == bool(prompt.strip(" "))
    assert (usage.output > 0) == bool(answer.strip(" "))
    assert usage.total == usage.input_fresh + usage.output


# The bound


LONGER = ("\u0958\uff21" * 2_000, "\ufdfa" * 1_000)  # longer still when normalised


@given(st.lists(st.tuples(st.sampled_from(["system", "human", "ai"]), st.text())), st.text())
def test_the_bound_is_above_every_byte_and_every_estimate(
    messages: list[tuple[str, str]], schema: str
) -> None:
    text = "".join(content for _, content in messages)
    bound = input_bound(messages, schema)
    for form in (text, unicodedata.normalize("NFC", text)):
        size = len(form.encode("utf-8", "surrogatepass"))
        assert bound >= size + len(schema.encode("utf-8", "surrogatepass")) + 1_000
    assert bound >= estimate(text, schema).total


@given(st.text(), st.sampled_from(["NFC", "NFKC"]))
@example(LONGER[0], "NFC")
@example(LONGER[1], "NFKC")
def test_the_bound_holds_for_text_that_a_tokenizer_normalises_first(text: str, form: Any) -> None:
    normalised = unicodedata.normalize(form, text)
    assert input_bound([("human", text)]) >= len(normalised.encode("utf-8", "surrogatepass"))


def test_the_bound_of_every_byte_a_token() -> None:
    """The worst that a byte-level tokenizer can do, with its template's marks spelled out."""
    noise = "".join(map(chr, random.Random(7).sample(range(0x4E00, 0x9FFF), 500)))  # noqa: S311
    messages = [("system", PROSE), ("human", noise)]
    spelled = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in messages)
    assert input_bound(messages) >= len(spelled.encode())


def test_the_bound_counts_all_that_is_sent_of_a_message() -> None:
    call: Any = {"name": "look_up", "args": {"term": "requirement " * 50}, "id": "1"}
    said = AIMessage([{"type": "text", "text": PROSE}], tool_calls=[call], name="a" * 100)
    plain = input_bound([SystemMessage(PROSE), HumanMessage(PROSE)])
    assert plain == input_bound([("system", PROSE), ("human", PROSE)])
    assert input_bound([SystemMessage(PROSE), said]) >= plain + 600 + 100
    nameless = said.model_copy(update={"name": None})
    assert input_bound([said]) == input_bound([nameless]) + 100
    assert input_bound([said], schema_text="{}" * 4_000) >= input_bound([said]) + 16_000
