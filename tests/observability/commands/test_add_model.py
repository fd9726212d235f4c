"""manage.py add_model: a model is added with all that is known of it, once."""

import socket
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line
from django.utils import timezone

from observability.actions.add_model import Wanted, add_model, route_for
from observability.llm import routes
from observability.management import addresses
from observability.models import AnswerFormat, ModelProfile, Node, Provider, Route
from reqplatform.errors import NotAllowed
from reqplatform.teams.models import Project
from tests import factories
from tests.conftest import World
from tests.wire import Prices, WireServer

pytest_plugins = ["tests.wire.fixtures"]
pytestmark = pytest.mark.django_db
SERVER = "http://127.0.0.1:8080/v1"
LOCAL = ("openai_compatible/smollm2", "--base-url", SERVER, "--context-window", "8192")


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("add_model", *arguments)
    return capsys.readouterr().out


def values(profile: ModelProfile) -> dict[str, Any]:
    return {
        field.name: getattr(profile, field.name)
        for field in ModelProfile._meta.concrete_fields
        if field.name != "id"
    }


@pytest.mark.parametrize(
    ("reference", "window", "cap", "key"),
    [
        ("openai/gpt-5-mini", 400_000, 16_000, "OPENAI_API_KEY"),
        ("anthropic/claude-sonnet-4-5", 200_000, 16_000, "ANTHROPIC_API_KEY"),
        ("google/gemini-2.5-flash", 1_048_576, 16_000, "GOOGLE_API_KEY"),
        ("openai/gpt-4", 8_192, 4_096, "OPENAI_API_KEY"),  # the cap is half of what it reads
    ],
)
def test_what_is_known_of_a_model_is_filled_in(
    reference: str,
    window: int,
    cap: int,
    key: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(key, raising=False)
    said = run(reference, capsys=capsys)
    profile = ModelProfile.objects.get()
    assert profile.key == reference
    assert (profile.context_window, profile.max_output_tokens) == (window, cap)
    assert (profile.input_price, profile.enabled) == (None, True)  # the list's price holds
    for words in ("Added", profile.name, f"{window:,} tokens", f"{cap:,} of output", "genai-prices",
                  f"{key}, which is not set"):  # fmt: skip
        assert words in said
    monkeypatch.setenv(key, "sk-secret-123")
    assert "sk-secret" not in run(reference, capsys=capsys)


def test_doing_it_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    run("openai/gpt-5-mini", "--max-output", "5000", capsys=capsys)
    before = values(ModelProfile.objects.get())
    assert "Nothing to change" in run("openai/gpt-5-mini", capsys=capsys)
    assert "Nothing to change" in run("openai/gpt-5-mini", "--max-output", "5000", capsys=capsys)
    assert values(ModelProfile.objects.get()) == before


def test_only_what_is_given_changes(capsys: pytest.CaptureFixture[str]) -> None:
    run("openai/gpt-5-mini", capsys=capsys)
    ModelProfile.objects.update(name="Our mini", timeout_seconds=30)
    said = run(
        "openai/gpt-5-mini", "--max-output", "4000", "--answer-format", "json_schema",
        "--streaming", "--input-price", "0.3", "--output-price", "2.5", capsys=capsys,
    )  # fmt: skip
    profile = ModelProfile.objects.get()
    assert (profile.name, profile.timeout_seconds) == ("Our mini", 30)
    assert (profile.max_output_tokens, profile.context_window) == (4_000, 400_000)
    assert (profile.answer_format, profile.streaming) == (AnswerFormat.JSON_SCHEMA, True)
    assert (profile.input_price, profile.output_price) == (Decimal("0.3"), Decimal("2.5"))
    for words in ("Changed", "max_output_tokens", "answer_format", "streaming",
                  "entered by an administrator"):  # fmt: skip
        assert words in said


def test_a_local_model_costs_nothing_if_an_admin_says_so(
    capsys: pytest.CaptureFixture[str], world: World
) -> None:
    with pytest.raises(CommandError, match="would cost"):
        run(*LOCAL, capsys=capsys)
    assert not ModelProfile.objects.exists()
    assert "costs nothing" in run(*LOCAL, "--free", capsys=capsys)
    profile = ModelProfile.objects.get()
    assert (profile.input_price, profile.output_price, profile.base_url) == (0, 0, SERVER)
    assert routes.pin(world.project, only=profile)["extract"][0]["price"]["source"] == "override"


def test_a_cap_above_what_the_model_answers_is_refused_later_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("openai/gpt-5-mini", "--max-output", "128000", capsys=capsys)
    with pytest.raises(CommandError, match="at most 128,000 tokens"):
        run("openai/gpt-5-mini", "--max-output", "128001", capsys=capsys)
    assert ModelProfile.objects.get().max_output_tokens == 128_000


def test_the_same_model_on_another_server_is_another_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(*LOCAL, "--free", capsys=capsys)
    other = [part.replace("8080", "8081") for part in LOCAL]
    run(*other, "--free", capsys=capsys)
    assert set(ModelProfile.objects.values_list("name", flat=True)) == {
        "smollm2", "smollm2 at 127.0.0.1:8081",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gpt-5-mini"], "no PROVIDER/NAME"),
        (["acme/gpt"], "no PROVIDER/NAME.*openai_compatible"),
        (["openai/"], "no PROVIDER/NAME"),
        (["openai/never-heard-of"], "context window"),
        (["openai/never-heard-of", "--context-window", "9000"], "--input-price"),
        (["openai/gpt-5-mini", "--input-price", "1"], "both input and output"),
        (["openai/gpt-5-mini", "--max-output", "500000"], "more than its context window"),
        (["openai/gpt-5-mini", "--max-output", "128001"], "at most 128,000 tokens"),
        (["openai/gpt-5-mini", "--max-output", "128001", "--free"], "at most 128,000 tokens"),
        (["embedded/foo"], "no embedded model foo.*embedded/analyst-1"),
        (["openai/gpt-5-mini", "--input-price", "0.1234567", "--output-price", "1"],
         "^Input price: Ensure that there are no more than 6 decimal places.$"),
        (["openai/gpt-5-mini", "--free", "--input-price", "1"], "not both"),
        (["openai_compatible/x", "--context-window", "9000", "--free"], "where the server is"),
        (["openai_compatible/x", "--base-url", "x", "--context-window", "9", "--free"],
         "^Give the whole base URL, such as http://127.0.0.1:8080/v1.$"),
        (["openai/gpt-5-mini", "--route-for", "nowhere"],
         "no project 'nowhere'. There is none yet"),
        (["openai_compatible/x"], "(?s)context window.*--base-url.*--input-price.*--free"),
        (["openai/gpt-5-minni-x"], "Did you mean openai/gpt-5-mini.*context window.*--input-price"),
        (["opnai/gpt-5-mini"], "Did you mean openai/gpt-5-mini"),
        (["anthropc/some-new-one"], r"Did you mean anthropic/some-new-one\?"),
        (["gpt-5-mini"], r"Did you mean openai/gpt-5-mini\? The providers"),
        (["openai/gpt-5-mini", "--input-price", "free"], "no price in dollars"),
        (["openai/gpt-5-mini", "--input-price=-1"], "no price in dollars"),
        (["openai/gpt-5-mini", "--max-output", "0"], "no number of tokens"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments, capsys=capsys)
    assert not ModelProfile.objects.exists()


def test_a_project_that_is_not_there_is_answered_with_those_that_are(world: World) -> None:
    with pytest.raises(CommandError, match=r"no project 'surfey'. There are: .*survey.*\."):
        call_command("add_model", *LOCAL, "--free", "--route-for", "surfey")
    with pytest.raises(CommandError, match=r"no project 'surfey'. There are: .*survey.*\."):
        call_command("reprice", "--project", "surfey")


def test_the_help_offers_models_behind_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        execute_from_command_line(["manage.py", "add_model", "--help"])
    said = capsys.readouterr().out
    assert "openai_compatible" in said
    assert "embedded" not in said


def test_that_a_provider_costs_nothing_is_doubted(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("add_model", "openai/other", "--context-window", "9000", "--free")
    assert "OpenAI bills its calls all the same" in capsys.readouterr().err
    call_command("add_model", "openai/gpt-5-mini")
    assert capsys.readouterr().err == ""


# Is the server there?


def added_at(url: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is warned of when a model of a server is added there."""
    call_command("add_model", "openai_compatible/mine", "--base-url", url,
                 "--context-window", "8192", "--free")  # fmt: skip
    assert ModelProfile.objects.filter(model="mine", base_url=url).exists()
    return capsys.readouterr().err


def test_a_server_that_serves_the_model_is_not_warned_of(
    wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.reset(prices={"mine": Prices(), "other": Prices()})
    assert added_at(wire.openai_url, capsys) == ""


def test_a_server_that_names_no_models_is_not_warned_of(
    wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert added_at(wire.openai_url, capsys) == ""


def test_a_server_without_the_model_names_those_that_it_has(
    wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.reset(prices={"llama": Prices(), "qwen": Prices()})
    assert "does not serve mine. It serves: llama, qwen." in added_at(wire.openai_url, capsys)


def test_an_address_where_nobody_lists_models_is_warned_of(
    wire: WireServer, capsys: pytest.CaptureFixture[str]
) -> None:
    said = added_at(f"{wire.url}/nowhere", capsys)
    assert "answers 404" in said
    assert "added all the same" in said


def test_a_server_that_is_not_there_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    said = added_at("http://127.0.0.1:9/v1", capsys)
    assert "127.0.0.1:9 could not be asked for its models (Connection refused)" in said


def test_a_silent_server_is_not_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        assert "could not be asked" in added_at(url, capsys)


def test_every_agent_of_a_project_is_routed_to_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(*LOCAL, "--free", "--route-for", "survey", capsys=capsys)
    assert "Asked by the agents of Survey vessel at place: Extract 1, Analyze 1" in said
    places = {route.node: route.position for route in Route.objects.filter(project=world.project)}
    assert places == {"extract": 1, "analyze": 1, "decompose": 1, "validate": 1}
    again = run(*LOCAL, "--free", "--route-for", "survey", capsys=capsys)
    assert "Was asked already" in again
    assert Route.objects.count() == 4


def test_models_that_are_asked_already_come_first(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*LOCAL, "--free", "--route-for", "survey", capsys=capsys)
    first = ModelProfile.objects.get()
    run("openai/gpt-5-mini", "--route-for", "survey", capsys=capsys)
    second = ModelProfile.objects.get(provider=Provider.OPENAI)
    pinned = routes.pin(world.project)
    for node in (Node.EXTRACT, Node.ANALYZE, Node.DECOMPOSE, Node.VALIDATE):
        assert [step["model"] for step in pinned[node.value][:2]] == [first.key, second.key]


def test_the_embedded_analyst_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Free: it is part of the product" in run("embedded/analyst-1", capsys=capsys)
    assert routes.profile_of(routes.EMBEDDED_STEP) == ModelProfile.objects.get()


def test_a_model_that_is_switched_off_stays_so_and_it_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("openai/gpt-5-mini", capsys=capsys)
    ModelProfile.objects.update(enabled=False, disabled_reason="It ignored its cap.")
    assert "It is switched off: It ignored its cap." in run("openai/gpt-5-mini", capsys=capsys)
    assert not ModelProfile.objects.get().enabled


def test_administrators_add_models_and_owners_route_to_them(world: World) -> None:
    wanted = Wanted(Provider.OPENAI, "gpt-5-mini")
    with pytest.raises(NotAllowed):
        add_model(world.owner, wanted)
    admin = factories.user("admin", is_superuser=True)
    profile = add_model(admin, wanted).profile
    with pytest.raises(NotAllowed):
        route_for(world.editor, world.project, profile)
    assert len(route_for(world.owner, world.project, profile)) == 4


def test_an_archived_project_is_not_routed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    Project.objects.filter(pk=world.project.pk).update(archived_at=timezone.now())
    with pytest.raises(CommandError, match="no project"):
        run(*LOCAL, "--free", "--route-for", "survey", capsys=capsys)
