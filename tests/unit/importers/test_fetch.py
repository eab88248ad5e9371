"""Fetching from a server on this machine: retries, kept answers, limits, clear words when there is no connection."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from checker.importers.fetch import fetch
from checker.model.errors import InputError

httpx = pytest.importorskip("httpx")
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve(local_servers: set[tuple[str, int]]) -> Iterator[Callable[[Answer], tuple[str, list[dict[str, str]]]]]:
    servers = []

    def start(answer: Answer) -> tuple[str, list[dict[str, str]]]:
        asked: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append({key.lower(): value for key, value in self.headers.items()})
                answer(self)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        servers.append((server, thread))
        local_servers.add(("127.0.0.1", server.server_port))
        return f"http://127.0.0.1:{server.server_port}/list", asked

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_an_answer_comes_with_the_day_of_the_server(serve) -> None:
    url, _ = serve(lambda handler: send(handler, 200, b"[1]"))
    found = fetch(url)
    assert (found.content, found.kept) == (b"[1]", False)
    assert found.on.year >= 2024


def test_a_busy_server_is_asked_again_after_a_pause_that_doubles(serve) -> None:
    answers = iter([503, 429, 200])
    url, asked = serve(lambda handler: send(handler, next(answers), b"[]"))
    pauses: list[float] = []
    assert fetch(url, wait=pauses.append).content == b"[]"
    assert pauses == [1, 2]
    assert len(asked) == 3


def test_one_that_stays_busy_is_given_up_with_what_to_do(serve) -> None:
    url, asked = serve(lambda handler: send(handler, 503))
    with pytest.raises(InputError, match="answered 503; asked 3 times"):
        fetch(url, wait=lambda _: None)
    assert len(asked) == 3


def test_no_such_list_is_not_asked_again(serve) -> None:
    url, asked = serve(lambda handler: send(handler, 404))
    with pytest.raises(InputError, match="answered 404"):
        fetch(url)
    assert len(asked) == 1


def test_a_kept_answer_is_used_only_if_the_server_says_it_holds(serve, tmp_path: Path) -> None:
    state = {"etag": '"one"', "body": b"[1]"}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("if-none-match") == state["etag"]:
            send(handler, 304)
        else:
            send(handler, 200, state["body"], etag=state["etag"])

    url, asked = serve(answer)
    assert not fetch(url, cache=tmp_path).kept
    again = fetch(url, cache=tmp_path)
    assert (again.content, again.kept) == (b"[1]", True)
    state |= {"etag": '"two"', "body": b"[2]"}
    assert fetch(url, cache=tmp_path).content == b"[2]"
    assert len(asked) == 3


def test_a_kept_answer_that_was_spoilt_is_not_used(serve, tmp_path: Path) -> None:
    url, asked = serve(lambda handler: send(handler, 200, b"[1]", etag='"one"'))
    fetch(url, cache=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes() + b"x")
    assert fetch(url, cache=tmp_path).content == b"[1]"
    assert "if-none-match" not in asked[1]


def test_an_answer_that_is_too_large_is_refused(serve) -> None:
    url, _ = serve(lambda handler: send(handler, 200, b"[" + b" " * 5_000 + b"]"))
    with pytest.raises(InputError, match="larger than 1,000 bytes"):
        fetch(url, max_bytes=1_000)


def test_a_server_that_is_silent_is_not_waited_for(serve) -> None:
    gone = threading.Event()
    url, _ = serve(lambda handler: gone.wait(5) and None)
    try:
        with pytest.raises(InputError, match="no answer within"):
            fetch(url, timeout=0.1, tries=2, wait=lambda _: None)
    finally:
        gone.set()


def test_without_a_connection_it_says_what_to_do_instead(local_servers: set[tuple[str, int]]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    local_servers.add(("127.0.0.1", port))
    with pytest.raises(InputError, match=r"no connection.*save the answer in a browser"):
        fetch(f"http://127.0.0.1:{port}/", wait=lambda _: None)


@pytest.mark.parametrize("url", ["ftp://x/y", "file:///etc/passwd", "http://"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InputError):
        fetch(url, wait=lambda _: None)
