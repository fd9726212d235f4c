"""What the gateway adds to a call: CPU time beside a bare LangChain call to the same local server.

    python benchmarks/gateway.py [--calls 200] [--database sqlite|postgresql]

Both ask one OpenAI-compatible server on loopback, in a process of its own, one call after another
on the same event loop. The bare call is LangChain's; ours routes, looks for a replay, holds money
in four windows, journals the words, asks, settles and parses. Prints milliseconds a call of CPU
(this process, all threads) and of wall time. Exits 1 if the gateway adds 12 ms of CPU or more.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from uuid import uuid4

from scratch import ROOT, database

AIM_MS = 12
ANSWER = '{"score": 0.5, "reason": "' + "It names its subject and a limit. " * 40 + '"}'
PROMPT = [
    ("system", "Judge the requirement by the method. " * 100),
    ("human", "The unit shall report its position within 250 ms. " * 100),
]


def timed(calls: int, work: Callable[[int], object]) -> tuple[float, float]:
    """Milliseconds a call of CPU and of wall time, after a tenth of the calls to warm up."""
    for number in range(calls // 10):
        work(-number - 1)
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(calls):
        work(number)
    return (
        1000 * (time.process_time() - cpu) / calls,
        1000 * (time.perf_counter() - wall) / calls,
    )


def compare(calls: int, url: str) -> tuple[tuple[float, float], tuple[float, float]]:
    from langchain_core.runnables import RunnableConfig
    from pydantic import BaseModel

    from observability.llm import gateway, loop, providers, routes
    from observability.llm.context import CallContext
    from observability.models import ModelProfile, Node
    from reqplatform.teams.models import Project
    from tests import factories

    class Verdict(BaseModel):
        score: float
        reason: str

    project = Project.objects.create(slug="bench", name="Benchmark")
    run = factories.run(project)
    profile = ModelProfile.objects.create(
        name="Local", provider="openai_compatible", model="wired-1", base_url=url,
        context_window=100_000, max_output_tokens=1_000, input_price=1, output_price=4,
    )  # fmt: skip
    context = CallContext(
        project_id=project.pk, node=Node.VALIDATE, run_id=run.pk,
        routes=routes.pin(project, only=profile)["validate"],
    )  # fmt: skip
    project.budgets.update(max_nusd=None, warn_nusd=None)
    model = providers.chat_model(profile, temperature=0.0)

    def bare(number: int) -> None:
        config: RunnableConfig = {"run_id": uuid4()}
        loop.ask(model, [*PROMPT, ("human", str(number))], config, lambda: False, 10)

    def ours(number: int) -> None:
        gateway.complete(context, [*PROMPT, ("human", f"Nr. {number}")], Verdict)

    return timed(calls, bare), timed(calls, ours)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.wire", "--answer", ANSWER],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        with database(options.database):
            os.environ["DJANGO_SETTINGS_MODULE"] = "reqplatform.settings"
            import django

            django.setup()
            bare, ours = compare(options.calls, f"{url}/v1")
    finally:
        server.terminate()
        server.wait()
    added = ours[0] - bare[0]
    print(f"{options.calls} calls each on {options.database}, milliseconds a call")
    print(f"  bare LangChain call   {bare[0]:6.1f} CPU   {bare[1]:6.1f} wall")
    print(f"  through the gateway   {ours[0]:6.1f} CPU   {ours[1]:6.1f} wall")
    print(f"  added                 {added:6.1f} CPU (aim: under {AIM_MS})")
    return 0 if added < AIM_MS else 1


if __name__ == "__main__":
    sys.exit(main())
