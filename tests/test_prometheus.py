"""A real Prometheus reads /metrics, loads the rules, and is told what the database holds.

Debian: apt install prometheus
"""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml
from django.conf import LazySettings
from django.db.models import Sum
from pytest_django.live_server_helper import LiveServer

from observability import rollups
from observability.metrics import exposition
from observability.models import LLMCall, SpanCost
from observability.money import NUSD_PER_USD
from observability.rollups import refreshing
from runs.models import Run
from tests import factories
from tests.conftest import World
from tests.money import CENT, USAGE, held_call, paid_call, paid_model, refused_call

DEPLOY = Path(__file__).parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
TOKEN = "a-token-of-the-scraper"

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (apt install prometheus)"
)
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None,
    reason="Prometheus is not installed (apt install prometheus)",
)


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    exposition.forget()
    yield
    exposition.forget()


@pytest.fixture
def history(world: World) -> Run:
    """Calls of every kind, added up."""
    run = factories.completed_run(world.project)
    paid_call(run, 123_456_789)
    paid_call(run, 3 * CENT, profile=paid_model("Other", "gpt-other"), purpose="repair")
    refused_call(run)
    held_call(run)
    rollups.refresh()
    return run


def promtool(*arguments: str, given: bytes = b"") -> str:
    done = subprocess.run(
        ["promtool", *arguments], input=given, capture_output=True, timeout=60, check=False
    )
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said
    return said


# --- promtool


@needs_promtool
def test_the_page_keeps_prometheus_conventions(history: Run) -> None:
    body, _ = exposition.page()
    assert body.count(b"# HELP reqplatform_") == len(exposition.described())
    assert promtool("check", "metrics", given=body).strip() == ""
    with pytest.raises(AssertionError, match="_total"):  # or this test could not fail
        promtool("check", "metrics", given=b"# HELP a_b b\n# TYPE a_b counter\na_b 1\n")


@needs_promtool
def test_the_rules_are_valid_and_each_fires_in_its_test() -> None:
    said = promtool("check", "rules", str(RULES))
    assert f"{len(alerts())} rules found" in said
    assert "SUCCESS" in promtool("test", "rules", str(RULES.with_name("rules_test.yml")))


@needs_promtool
def test_the_example_of_a_configuration_is_valid(tmp_path: Path) -> None:
    for name in ("prometheus.yml", "rules.yml"):
        shutil.copy(DEPLOY / "prometheus" / name, tmp_path)
    (tmp_path / "reqplatform.token").write_text(TOKEN)
    assert "is valid prometheus config" in promtool(
        "check", "config", str(tmp_path / "prometheus.yml")
    )


# --- what rules and dashboard ask for exists


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_says_what_why_and_how_bad_and_is_tested() -> None:
    tested = RULES.with_name("rules_test.yml").read_text()
    assert len(alerts()) == 12
    for rule in alerts():
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["alert"] in tested, f"{rule['alert']} has no test in rules_test.yml"


def expressions() -> Iterator[tuple[str, str]]:
    """Where it stands, and what is asked of Prometheus."""
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["definition"]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana/dashboards/reqplatform.json").read_text())
    return found


def test_every_metric_and_label_that_is_asked_for_is_told() -> None:
    told = {metric.name: set(metric.labels) for metric in exposition.described()}
    asked = set()
    for where, expression in expressions():
        for name, labels in re.findall(r"(reqplatform_\w+)(?:\{([^}]*)\})?", expression):
            assert name in told, f"{where} asks for {name}, which is told by nobody"
            of_ours = set(re.findall(r"(\w+)\s*[=!]", labels))
            assert of_ours <= told[name], f"{where}: {name} has no {of_ours - told[name]}"
            asked.add(name)
    assert len(asked) > 25
    assert {metric for metric in told if metric not in asked} == set()


def test_the_dashboard_takes_its_data_source_from_a_variable() -> None:
    found = dashboard()
    assert found["uid"] == "reqplatform"
    names = {variable["name"] for variable in found["templating"]["list"]}
    assert names == {"datasource", "project"}
    panels = [panel for panel in found["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
    for panel in panels:
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}, panel["title"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    corners = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(corners) == len(set(corners))


@pytest.mark.parametrize("kind", ["datasources", "dashboards"])
def test_what_grafana_is_provisioned_with_can_be_read(kind: str) -> None:
    [file] = (DEPLOY / "grafana" / "provisioning" / kind).glob("*.yml")
    found = yaml.safe_load(file.read_text())
    assert found["apiVersion"] == 1
    assert found["datasources" if kind == "datasources" else "providers"]


# --- a real one


class Prometheus:
    """One on a port of its own, which ends with the test."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **parameters: str) -> Any:
        with urlopen(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=5) as answer:  # noqa: S310
            return json.loads(answer.read())["data"]

    def values(self, expression: str) -> list[float]:
        found = self.ask("query", query=expression)["result"]
        return [float(one["value"][1]) for one in found]

    def value(self, expression: str) -> float:
        [found] = self.values(expression)
        return found


def soon(what: Callable[[], Any], seconds: float = 8.0) -> Any:
    """What it gives once that is something."""
    until = time.monotonic() + seconds
    while True:
        try:
            found = what()
        except URLError:
            found = None
        if found or time.monotonic() > until:
            assert found, f"Nothing within {seconds:g} s"
            return found
        time.sleep(0.1)


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[Prometheus]:
    """The example's configuration, with another target, its token, and less patience; and a second
    job that has a wrong token."""
    configuration = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    [job] = configuration["scrape_configs"]
    job["static_configs"] = [{"targets": [target]}]
    wrong = {**job, "job_name": "wrong", "authorization": {"credentials": f"{TOKEN}x"}}
    configuration["scrape_configs"].append(wrong)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    (folder / "reqplatform.token").write_text(f"{TOKEN}\n")
    shutil.copy(RULES, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data", f"--web.listen-address={address}"],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield Prometheus(f"http://{address}")
    except BaseException:
        print((folder / "log").read_text())  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@needs_prometheus
def test_prometheus_is_told_what_the_database_holds(
    live_server: LiveServer, history: Run, settings: LazySettings, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(exposition, "KEPT_SECONDS", 0.2)
    with prometheus(tmp_path, live_server.url.removeprefix("http://")) as asked:
        soon(lambda: asked.values('up{job="reqplatform"} == 1'))
        _assert_equal(asked, history)
        targets = soon(
            lambda: {
                one["labels"]["job"]: one
                for one in asked.ask("targets")["activeTargets"]
                if one["health"] != "unknown"
            }
        )
        assert targets["reqplatform"]["health"] == "up"
        assert soon(lambda: asked.values('up{job="wrong"}')) == [0.0]
        assert [rule["name"] for rule in _rules(asked)] == [rule["alert"] for rule in alerts()]
        soon(lambda: all(rule["health"] == "ok" for rule in _rules(asked)))
        _assert_no_reset(asked, history)


def _rules(asked: Prometheus) -> list[dict[str, Any]]:
    return [rule for group in asked.ask("rules")["groups"] for rule in group["rules"]]


def _assert_equal(asked: Prometheus, run: Run) -> None:
    settled = LLMCall.objects.filter(state="settled")
    spent = settled.aggregate(spent=Sum("cost_nusd"))["spent"]
    assert spent == 123_456_789 + 3 * CENT
    assert asked.value("sum(reqplatform_cost_dollars_total)") == pytest.approx(
        spent / NUSD_PER_USD, rel=1e-12
    )
    assert asked.value('reqplatform_cost_dollars_total{model="gpt-test", source="metered"}') == (
        123_456_789 / NUSD_PER_USD
    )
    assert asked.value('sum(reqplatform_calls_total{source!="released"})') == settled.count()
    assert asked.value('sum(reqplatform_tokens_total{kind="output"})') == 2 * USAGE.output
    assert asked.value('reqplatform_runs{project="survey", state="completed"}') == 1
    assert asked.value('reqplatform_budget_held_dollars{project="survey", scope="day"}') == 0.05
    assert asked.value('reqplatform_held_calls{project="survey"}') == 1
    page = {sample.name for family in exposition.read() for sample in family.samples}
    names = set(asked.ask("label/__name__/values"))
    assert page <= names


def _assert_no_reset(asked: Prometheus, run: Run) -> None:
    """While the sums are made anew, Prometheus sees a gap and no fall."""
    before = asked.value("sum(reqplatform_cost_dollars_total)")
    SpanCost.objects.filter(days=1, project=run.project_id).delete()
    refreshing._mark_all(run.project_id)
    calls = LLMCall.objects.exclude(state="held")
    calls.update(finished_at="2026-01-01T00:00:00Z")
    soon(lambda: asked.values("absent(reqplatform_cost_dollars_total)"))
    assert asked.value('reqplatform_sums_behind{project="survey"}') == 1
    rollups.refresh()
    soon(lambda: asked.values("sum(reqplatform_cost_dollars_total)"))
    assert asked.value("sum(reqplatform_cost_dollars_total)") == before
    assert set(asked.values("resets(reqplatform_cost_dollars_total[5m])")) == {0.0}
    assert set(asked.values("increase(reqplatform_cost_dollars_total[5m])")) == {0.0}
