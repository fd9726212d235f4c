"""results.json: everything, for programs. The schema is `runs.exports.result.RunResult`."""

from runs.exports.result import RunResult


def render(result: RunResult) -> str:
    return result.model_dump_json(by_alias=True, indent=2)
