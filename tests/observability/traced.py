"""Tracing switched on towards a LangSmith of the tests' own, and a model that answers at once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from reqplatform.tracing import Tracing
from tests.wire_langsmith import KEY, LangSmithServer

ROOT = Path(__file__).parents[2]
PROJECT = "plans"
OFF = Tracing(enabled=False, reason="LANGSMITH_TRACING is not set")
USAGE = {"input_tokens": 1_000, "output_tokens": 200, "total_tokens": 1_200}


class Model(BaseChatModel):
    """Gives `reply` with `usage`, or raises `error`."""

    reply: str = "The answer."
    usage: Any = USAGE
    error: Any = None

    @property
    def _llm_type(self) -> str:
        return "prompt-at-hand"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        if self.error is not None:
            raise self.error
        message = AIMessage(content=self.reply, usage_metadata=self.usage)
        return ChatResult(generations=[ChatGeneration(message=message)])


def on(url: str) -> Tracing:
    """What the settings hold when tracing is on towards this address."""
    return Tracing(
        enabled=True,
        reason="LANGSMITH_TRACING is on",
        project=PROJECT,
        endpoint=url,
        api_key_set=True,
        tracing_from="LANGSMITH_TRACING",
        api_key_from="LANGSMITH_API_KEY",
    )


@contextmanager
def traced(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[LangSmithServer]:
    """A LangSmith, and tracing on towards it."""
    with LangSmithServer() as server:
        monkeypatch.setenv("LANGSMITH_API_KEY", KEY)
        settings.TRACING = on(server.url)
        yield server
        settings.TRACING = OFF


BEGIN = """
import json, os, sys, time, uuid
import django
django.setup()
from observability import langsmith
from observability.models import LLMCall, Node
from tests.observability.traced import Model

def call():
    return LLMCall(project_id=1, run_id=uuid.uuid4(), node=Node.ANALYZE)

def told(**more):
    print(json.dumps({"at": time.time(), **more}), flush=True)
"""


def process(code: str, url: str, data: Path, **variables: str) -> tuple[list[Any], str]:
    """A fresh interpreter with tracing on in its environment: what it told, and its log."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "reqplatform.settings",
            "REQPLATFORM_DATA_DIR": str(data),
            "LANGSMITH_TRACING": "yes",
            "LANGSMITH_ENDPOINT": url,
            "LANGSMITH_API_KEY": KEY,
            "LANGSMITH_PROJECT": PROJECT,
            **variables,
        },
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr
