"""The embedded analyst's registry: which function answers which kind of request."""

from collections.abc import Callable, Mapping

from pydantic import BaseModel

from runs.analyst.envelope import Task
from runs.requests import AnalyzeRequest, DecomposeRequest, ExtractRequest, ValidateRequest

Answerer = Callable[[BaseModel, Mapping[str, object]], BaseModel]


def _extract(request: BaseModel, parameters: Mapping[str, object]) -> BaseModel:
    from runs.analyst.extract import extract

    assert isinstance(request, ExtractRequest)
    return extract(request, parameters)


def _analyze(request: BaseModel, parameters: Mapping[str, object]) -> BaseModel:
    from runs.analyst.allocate import analyze

    assert isinstance(request, AnalyzeRequest)
    return analyze(request, parameters)


def _decompose(request: BaseModel, parameters: Mapping[str, object]) -> BaseModel:
    from runs.analyst.decompose import decompose

    assert isinstance(request, DecomposeRequest)
    return decompose(request, parameters)


def _validate(request: BaseModel, parameters: Mapping[str, object]) -> BaseModel:
    from runs.quality.scoring import judge

    assert isinstance(request, ValidateRequest)
    return judge(request, parameters)


ANSWERERS: Mapping[Task, Answerer] = {
    Task.EXTRACT: _extract,
    Task.ANALYZE: _analyze,
    Task.DECOMPOSE: _decompose,
    Task.VALIDATE: _validate,
}


def answer(task: Task, request: BaseModel, parameters: Mapping[str, object]) -> BaseModel:
    """Answer one request. Deterministic: the same request and parameters give the same answer."""
    return ANSWERERS[task](request, parameters)
