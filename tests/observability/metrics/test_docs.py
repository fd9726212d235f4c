"""docs/metrics.md says what the code does."""

import re
from pathlib import Path

import yaml

from observability.metrics import exposition
from observability.models import CallPurpose, CallState, CostSource, Node
from observability.models.rollup import RELEASED
from observability.telemetry import names
from observability.tokens import BUCKETS
from runs.models import RunStatus

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "metrics.md").read_text()


def test_every_metric_is_described_as_in_the_code() -> None:
    written = [line for line in PAGE.splitlines() if re.match(r"\| `reqplatform_\w+` \|", line)]
    told = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(metric.labels) or '-'} | {metric.help} |"
        for metric in exposition.described()
    ]
    assert written == told, "\n".join(["The rows should be:", *told])


def values(label: str) -> str:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{label}` |")]
    return row


def test_every_value_of_a_label_is_described() -> None:
    for label, known in (
        ("node", Node.values),
        ("source", [*(set(CostSource.values) - {CostSource.UNCONFIRMED}), RELEASED]),
        ("kind", BUCKETS),
        ("purpose", CallPurpose.values),
        ("state", [*CallState.values, *RunStatus.values]),
    ):
        for value in known:
            assert re.search(rf"\b{value}\b", values(label)), (label, value)
    labels = {label for metric in exposition.described() for label in metric.labels}
    described = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`\w+`[^|]*)", PAGE, re.M))))
    assert labels - {"version"} <= described


def test_every_alert_is_described_with_its_severity() -> None:
    groups = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())["groups"]
    rules = {(rule["alert"], rule["labels"]["severity"]) for g in groups for rule in g["rules"]}
    written = re.findall(r"^\| `(ReqPlatform\w+)` \| (\w+) \|", PAGE, re.MULTILINE)
    assert sorted(written) == sorted(rules)


def test_every_attribute_is_described() -> None:
    used = re.findall(
        r'"((?:gen_ai|reqplatform|server)\.[\w.]+)"', Path(names.__file__).read_text()
    )
    for name in used:
        last = name.rsplit(".", 1)[1]
        assert name in PAGE or re.search(rf"\.{last}`", PAGE), name
