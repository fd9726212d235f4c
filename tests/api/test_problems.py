import logging
from typing import Any

import pytest
from django.test import Client

from reqplatform.teams.models import Project
from tests.api.conftest import BASE, Caller, problem
from tests.conftest import World


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/runs/17", "/projects/a%00b", "/runs//", "/%F0"]
)
def test_an_unknown_path(viewer: Caller, path: str) -> None:
    for caller in (viewer, Caller()):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            problem(caller.send(method, path), 404, "not_found")


def test_a_wrong_method_names_the_right_ones(viewer: Caller) -> None:
    response = viewer.send("DELETE", "/projects/survey/runs")
    body = problem(response, 405, "method_not_allowed")
    assert {word.strip() for word in response["Allow"].split(",")} == {"GET", "POST"}
    assert "GET" in body["detail"]


@pytest.mark.parametrize("body", ["{", "[1,", '{"code": "\xff', "nul", b"\xff\xfe"])
def test_a_body_that_is_no_json(editor: Caller, body: str | bytes) -> None:
    response = editor.client.generic(
        "POST", f"{BASE}/projects/survey/subsystems", body, "application/json",
        headers=editor.headers,
    )  # fmt: skip
    problem(response, 400, "bad_request")


def test_every_field_that_is_wrong_is_named(editor: Caller) -> None:
    body = problem(
        editor.post("/projects/survey/subsystems", {"kode": "X", "keywords": ["a", 7]}),
        422,
        "invalid_input",
    )
    assert {item["field"] for item in body["errors"]} == {"code", "name", "kode", "keywords.1"}
    assert all(item["message"].endswith(".") for item in body["errors"])


def test_a_query_parameter_is_named_as_the_caller_wrote_it(viewer: Caller) -> None:
    body = problem(viewer.get("/projects", limit=0), 422, "invalid_input")
    assert [item["field"] for item in body["errors"]] == ["limit"]
    body = problem(viewer.get("/projects/survey/runs", status="lost"), 422, "invalid_input")
    assert [item["field"] for item in body["errors"]] == ["status"]


def test_a_missing_body_and_a_missing_file(editor: Caller) -> None:
    body = problem(editor.send("POST", "/projects/survey/subsystems"), 422, "invalid_input")
    assert [item["field"] for item in body["errors"]] == ["body"]
    body = problem(editor.upload("/projects/survey/specifications"), 422, "invalid_input")
    assert [item["field"] for item in body["errors"]] == ["file"]


def test_a_broken_multipart_form(editor: Caller) -> None:
    response = editor.client.generic(
        "POST", f"{BASE}/projects/survey/specifications", b"--x\r\nnonsense",
        "multipart/form-data", headers=editor.headers,
    )  # fmt: skip
    problem(response, 400, "bad_request")


def test_json_fields_that_are_too_large(editor: Caller) -> None:
    huge = {"code": "PWR", "name": "Power", "description": "x" * (2 * 2**20)}
    problem(editor.post("/projects/survey/subsystems", huge), 413, "too_large")


def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    class Unread:
        def read(self, *args: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    for headers in ({}, {"Authorization": "Bearer rp_wrong"}):
        extra: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(22 * 2**20)}
        path = f"{BASE}/projects/survey/specifications"
        response = Client().post(path, headers=headers, **extra)
        problem(response, 413, "too_large")


def test_a_body_in_chunks_is_not_taken_for_an_empty_one(editor: Caller) -> None:
    response = editor.client.post(
        f"{BASE}/projects/survey/specifications",
        headers={**editor.headers, "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )
    problem(response, 411, "length_required")


def test_what_breaks_is_logged_and_not_told(
    viewer: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(type(Project.objects), "for_user", broken)
    with caplog.at_level(logging.ERROR):
        response = viewer.get("/projects")
    body = problem(response, 500, "unexpected")
    assert b"swordfish" not in response.content
    incident = body["detail"].split("incident ")[1][:8]
    record = next(item for item in caplog.records if incident in item.getMessage())
    assert record.exc_info
    assert "swordfish" in str(record.exc_info[1])


def test_answers_are_not_kept_by_caches(viewer: Caller) -> None:
    assert viewer.get("/projects")["Cache-Control"] == "private, no-store"
