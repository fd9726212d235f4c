"""A provider that keeps its own bill: the judge of whether a budget was passed.

It runs in the benchmark's main process, and speaks one JSON line for a call: what the call may cost
at most comes in, what it does cost goes out. What it has answered it bills, whatever becomes of
whoever asked.
"""

import asyncio
import json
import random
import threading


class Provider:
    """Listens on loopback. Each cost is 20 to 100 % of the bound; with `ignores_cap`, one in fifty
    is 150 %."""

    def __init__(self, *, ignores_cap: bool, seed: int) -> None:
        self.bill: dict[str, int] = {}  # call id -> nano-USD
        self.port = 0
        self._ignores_cap = ignores_cap
        self._chance = random.Random(seed)  # noqa: S311
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._serve, daemon=True).start()
        self._ready.wait()

    @property
    def total(self) -> int:
        return sum(self.bill.values())

    def _serve(self) -> None:
        async def start() -> None:
            server = await asyncio.start_server(self._speak, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()

        self._loop.run_until_complete(start())
        self._loop.run_forever()

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await _line(reader):
            asked = json.loads(line)
            bound = int(asked["bound"])
            cost = int(bound * self._chance.uniform(0.2, 1.0))
            if self._ignores_cap and self._chance.random() < 0.02:
                cost = bound * 3 // 2
            self.bill[asked["call"]] = cost
            writer.write(f"{cost}\n".encode())
        writer.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """The next line; none when whoever asks is gone, or was killed."""
    try:
        return await reader.readline()
    except ConnectionResetError:
        return b""
