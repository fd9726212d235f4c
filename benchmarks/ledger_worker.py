"""One of the processes of `benchmarks/ledger.py`: holds, asks the provider, settles, again."""

import json
import os
import random
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
import django

django.setup()

from django.utils import timezone  # noqa: E402

from observability import budgets, ledger  # noqa: E402
from observability.budgets import Payer  # noqa: E402
from observability.llm import routes  # noqa: E402
from observability.llm.errors import NoSuchProvider  # noqa: E402
from observability.models import CostSource, LLMCall, ModelProfile, Node  # noqa: E402
from observability.tokens import Usage  # noqa: E402
from runs.models import Run  # noqa: E402

BOUND_NUSD = 1_000_000
PATIENCE = timedelta(seconds=2)  # the provider answers at once


def main() -> None:
    port, run_id, calls, out = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    pause = float(sys.argv[5])  # seconds between two calls, on average
    run = Run.objects.get(pk=run_id)
    profile = ModelProfile.objects.get(name="Benchmark")
    step = {"model": profile.key, "profile": profile.pk, "temperature": "0.00"}
    provider = socket.create_connection(("127.0.0.1", port)).makefile("rw")
    print("ready", flush=True)
    sys.stdin.readline()
    with Path(out).open("a", buffering=1) as log:
        for ordinal in range(calls):
            try:
                routes.profile_of(step)
            except NoSuchProvider:
                log.write('{"refused": "disabled"}\n')
                return
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            if not _call(run, profile, ordinal, provider, log):
                return


def _call(run: Run, profile: ModelProfile, ordinal: int, provider: TextIO, log: TextIO) -> bool:
    """One call; False when the budget is spent."""
    begun_at = time.time()
    while True:
        call = LLMCall(
            project_id=run.project_id, run_id=run.pk, node=Node.DECOMPOSE, ordinal=ordinal,
            profile=profile, provider=profile.provider, model=profile.model,
            request_key=f"{os.getpid()}-{ordinal}", held_nusd=BOUND_NUSD,
            prompt=[["human", "x" * 2000]], expires_at=timezone.now() + PATIENCE,
        )  # fmt: skip
        began = time.perf_counter()
        windows = budgets.windows_of(Payer(run.project_id, run.pk, "", "UTC"))
        answer = ledger.hold(call, windows)
        held_in = time.perf_counter() - began
        if isinstance(answer, ledger.Held):
            break
        if not answer.may_wait:
            log.write('{"refused": "budget"}\n')
            return False
        ledger.expire()  # as the gateway does: what a killed process held is not waited for
        time.sleep(random.uniform(0.002, 0.02))  # noqa: S311
    provider.write(json.dumps({"call": str(call.pk), "bound": BOUND_NUSD}) + "\n")
    provider.flush()
    cost = int(provider.readline())
    began = time.perf_counter()
    ledger.settle(
        answer, answer="{}" * 500, usage=Usage(input_fresh=500, output=300), cost_nusd=cost,
        source=CostSource.METERED,
    )  # fmt: skip
    settled_in = time.perf_counter() - began
    row = {
        "begun": begun_at, "at": time.time(), "hold": held_in, "settle": settled_in,
        "overrun": cost > BOUND_NUSD,
    }  # fmt: skip
    log.write(json.dumps(row) + "\n")
    return True


if __name__ == "__main__":
    main()
