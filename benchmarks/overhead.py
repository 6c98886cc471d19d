"""Python's own work per request: the whole pipeline beside bare httpx, as a ratio in one run.

Run with ``python benchmarks/overhead.py``. Both sides send the same requests to a server on loopback, in turn,
several rounds; this process's processor time is compared, and the median of the rounds' ratios is the figure.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import httpx

from keepit_dynamics import NetworkSettings, RetryPolicy
from keepit_dynamics._core.drivers import BlockingDriver
from keepit_dynamics._core.http import HttpRequest
from keepit_dynamics._core.network import Network
from keepit_dynamics._core.retry import send_with_retry

REQUESTS, ROUNDS = 600, 9
HEADERS = {"Accept": "application/json", "Authorization": "Bearer token"}
BODY = b'{"value": []}' * 40


class Answering(BaseHTTPRequestHandler):
    """A far side that answers at once and keeps the connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The same answer to everything."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve(pipe: Connection) -> None:
    """Serve in a process of its own, and tell the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    pipe.send(server.server_port)
    server.serve_forever()


def bare(url: str) -> Callable[[], object]:
    """One request with httpx alone, under the same settings."""
    client = httpx.Client(timeout=30, follow_redirects=False)
    return lambda: client.get(url, headers=HEADERS).content


def ours(url: str) -> Callable[[], object]:
    """One request through flow, driver, retry and network."""
    driver = BlockingDriver(Network(NetworkSettings()))
    request, policy = HttpRequest("graph", "GET", url, HEADERS), RetryPolicy()
    return lambda: driver.run(send_with_retry(request, policy))


def seconds(act: Callable[[], object]) -> float:
    """Processor seconds of one round."""
    started = time.process_time()
    for _ in range(REQUESTS):
        act()
    return time.process_time() - started


def main() -> None:
    """Print microseconds per request of both, and their ratio."""
    near, far = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(far,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{near.recv()}/v1.0/me"
    theirs, mine = bare(url), ours(url)
    seconds(theirs), seconds(mine)
    rounds = [(seconds(theirs), seconds(mine)) for _ in range(ROUNDS)]
    server.terminate()
    one, other = (statistics.median(values) / REQUESTS * 1e6 for values in zip(*rounds, strict=True))
    ratio = statistics.median(mine / theirs for theirs, mine in rounds)
    sys.stdout.write(f"bare httpx {one:.0f} µs, keepit_dynamics {other:.0f} µs a request: ratio {ratio:.2f}\n")


if __name__ == "__main__":
    main()
