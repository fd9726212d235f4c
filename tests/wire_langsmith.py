"""As much of LangSmith's API on 127.0.0.1 as its SDK uses, for the real SDK to talk to.

    with LangSmithServer() as server:
        ...  # LANGSMITH_ENDPOINT=server.url
        server.runs[str(call.pk)]["outputs"]

Told of runs (one by one, in batches, as multipart, compressed or not), it keeps them, counts their
tokens by the usage that they carry, and charges `rates` for them. Asked, it is as strict as
LangSmith: a query sees one project and no run older than a day unless told otherwise, and answers
with the fields that were selected, a page at a time. A project is there once it was told of a run
in it.
"""

import json
import re
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import zstandard

TENANT = "11111111-1111-4111-8111-111111111111"
KEY = "lsv2_pt_wire_0123456789"


class Behaviour(StrEnum):
    NORMAL = "normal"
    SLOW = "slow"  # answers after `server.delay` seconds
    BLACK_HOLE = "black hole"  # takes the request and never answers
    UNAUTHORIZED = "unauthorized"
    BROKEN = "broken"  # 503
    GIBBERISH = "gibberish"  # status 200, and no JSON
    OLD = "old"  # knows no runs to be asked for, and no multipart


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes  # without its compression


@contextmanager
def dead_endpoint() -> Iterator[str]:
    """An address where nobody listens: connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


class LangSmithServer(ThreadingHTTPServer):
    """One workspace. Its attributes may be set while it runs."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, compression: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = Behaviour.NORMAL
        self.only_for = ""  # the behaviour is for paths with this in them; for others it is normal
        self.delay = 1.0
        self.known_after = 0  # queries that a run is still unknown to
        self.rates: tuple[float, float] | None = (
            1.0,
            4.0,
        )  # dollars per million tokens, in and out
        self.compression = compression
        self.on_query: list[Any] = []  # called before a query is answered
        self.requests: list[Request] = []
        self.runs: dict[str, dict[str, Any]] = {}
        self.projects: dict[str, str] = {}  # name -> id
        self.queries = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def told(self) -> list[Request]:
        """The requests that told of runs."""
        return [request for request in self.requests if request.method in {"POST", "PATCH"}
                and not request.path.startswith("/api/v2")]  # fmt: skip

    def behaviour_at(self, path: str) -> Behaviour:
        return self.behaviour if self.only_for in path else Behaviour.NORMAL

    def keep(self, run_id: str, fields: dict[str, Any]) -> None:
        """Create or update a run. What an update leaves out or empty stays."""
        with self.lock:
            run = self.runs.setdefault(run_id, {"id": run_id})
            run.update({name: value for name, value in fields.items() if value is not None})
            self.projects.setdefault(run.get("session_name") or "default", str(uuid.uuid4()))

    def shown(self, run: dict[str, Any]) -> dict[str, Any]:
        """A run as a query answers it, with all its fields."""
        usage = _usage(run)
        came, went = usage.get("input_tokens"), usage.get("output_tokens")
        cost = None
        if self.rates and came is not None and went is not None:
            cost = (came * self.rates[0] + went * self.rates[1]) / 1_000_000
        ended = "ERROR" if run.get("error") else "SUCCESS"
        return {
            "ID": run["id"],
            "NAME": run.get("name"),
            "STATUS": ended if run.get("end_time") else "PENDING",
            "TRACE_ID": run.get("trace_id"),
            "START_TIME": run.get("start_time"),
            "PROMPT_TOKENS": came,
            "COMPLETION_TOKENS": went,
            "PROMPT_TOKEN_DETAILS": {"raw": usage.get("input_token_details") or {}},
            "COMPLETION_TOKEN_DETAILS": {"raw": usage.get("output_token_details") or {}},
            "TOTAL_COST": cost,
        }


def _usage(run: dict[str, Any]) -> dict[str, Any]:
    found = (run.get("extra") or {}).get("metadata", {}).get("usage_metadata")
    return found if isinstance(found, dict) else {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LangSmithServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, self.path, headers, body))
        behaviour = self.server.behaviour_at(self.path)
        if behaviour == Behaviour.BLACK_HOLE:
            self.server.closing.wait()
            self.close_connection = True
            return
        if behaviour == Behaviour.SLOW:
            self.server.closing.wait(self.server.delay)
        if behaviour == Behaviour.GIBBERISH:
            self._send(200, b"<html>proxy</html>", "text/html")
            return
        refusal = self._refusal(behaviour)
        self._answer(*(refusal or self._route(urlsplit(self.path).path, body)))

    def _refusal(self, behaviour: Behaviour) -> tuple[int, Any] | None:
        if behaviour == Behaviour.UNAUTHORIZED:
            return 401, {"detail": "Invalid token"}
        if behaviour == Behaviour.BROKEN:
            return 503, {"detail": "Unavailable"}
        if behaviour == Behaviour.OLD and re.search("/v2/|/multipart$", self.path):
            return 404, {"detail": "Not Found"}
        return None

    def _route(self, path: str, body: bytes) -> tuple[int, Any]:
        match self.command, path.strip("/").split("/"):
            case "GET", ["info"]:
                return 200, self._info()
            case "GET", ["sessions"]:
                return 200, self._sessions()
            case "POST", ["runs", "multipart"]:
                return 202, self._multipart(body)
            case "POST", ["runs", "batch"]:
                return 202, self._batch(json.loads(body))
            case "POST", ["runs"]:
                self.server.keep(json.loads(body)["id"], json.loads(body))
                return 202, {}
            case "PATCH", ["runs", run_id]:
                self.server.keep(run_id, json.loads(body))
                return 202, {}
            case "POST", ["api", "v2", "runs", "query"]:
                return self._query(json.loads(body))
            case "GET", ["api", "v2", "runs", run_id, "url"]:
                return self._url(run_id)
        return 404, {"detail": "Not Found"}

    def _info(self) -> dict[str, Any]:
        return {
            "version": "0.18.0",
            "instance_flags": {"zstd_compression_enabled": self.server.compression},
            "batch_ingest_config": {
                "use_multipart_endpoint": True,
                "size_limit": 100,
                "size_limit_bytes": 20_971_520,
                "scale_up_nthreads_limit": 16,
                "scale_up_qsize_trigger": 1000,
                "scale_down_nempty_trigger": 4,
            },
        }

    def _parameters(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query)

    def _sessions(self) -> list[dict[str, Any]]:
        names = self._parameters().get("name", list(self.server.projects))
        return [
            {
                "id": self.server.projects[name],
                "tenant_id": TENANT,
                "name": name,
                "start_time": datetime.now(UTC).isoformat(),
                "reference_dataset_id": None,
            }
            for name in names
            if name in self.server.projects
        ]

    def _multipart(self, body: bytes) -> dict[str, Any]:
        """Parts are named `post.<id>`, `patch.<id>` and `<either>.inputs`, `.outputs`, ..."""
        found = re.search('boundary="?([^";]+)', self.headers["Content-Type"])
        assert found
        for part in body.split(b"--" + found[1].encode()):
            head, _, content = part.partition(b"\r\n\r\n")
            name = re.search(rb'name="(?:post|patch)\.([^."]+)\.?([^"]*)"', head)
            if name is None:
                continue
            run_id, field, value = name[1].decode(), name[2].decode(), json.loads(content)
            self.server.keep(run_id, {field: value} if field else value)
        return {}

    def _batch(self, told: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        for run in [*told.get("post", []), *told.get("patch", [])]:
            self.server.keep(run["id"], run)
        return {}

    def _query(self, asked: dict[str, Any]) -> tuple[int, Any]:
        for hook in self.server.on_query:
            hook()
        self.server.queries += 1
        if not asked.get("project_ids"):
            return 422, {"detail": "project_ids is required"}
        yesterday = datetime.now(UTC) - timedelta(days=1)
        since = datetime.fromisoformat(asked.get("min_start_time") or yesterday.isoformat())
        runs = [
            self.server.shown(run)
            for run in list(self.server.runs.values())
            if self.server.projects[run.get("session_name") or "default"] in asked["project_ids"]
            and (not asked.get("ids") or run["id"] in asked["ids"])
            and datetime.fromisoformat(run["start_time"]) >= since
            and self.server.queries > self.server.known_after
        ]
        start, size = int(asked.get("cursor") or 0), asked.get("page_size") or 100
        selected = asked.get("selects") or ["ID"]
        page = [
            {name.lower(): run.get(name) for name in selected} for run in runs[start : start + size]
        ]
        more = str(start + size) if start + size < len(runs) else None
        return 200, {"items": page, "next_cursor": more}

    def _url(self, run_id: str) -> tuple[int, Any]:
        run = self.server.runs.get(run_id)
        asked = {name: unquote(values[0]) for name, values in self._parameters().items()}
        if run is None or asked.get("trace_id") != run.get("trace_id"):
            return 404, {"detail": "Not Found"}
        project = asked["project_id"]
        return 200, {"url": f"https://smith.example/o/{TENANT}/projects/p/{project}/r/{run_id}"}

    def _answer(self, status: int, content: Any) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
