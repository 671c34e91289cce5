"""The server: what it answers, what it refuses, and that nobody can slow a match down by looking at it."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from cherrypy_bot.core.trace import TraceWriter, read_trace
from cherrypy_bot.viewer.errors import ViewError
from cherrypy_bot.viewer.export import MODULES
from cherrypy_bot.viewer.server import host_is_ours, listen, url_of
from tests.viewer.browser import served


class Client:
    """Asks the server of one folder."""

    def __init__(self, url: str) -> None:
        self.host, self.port = urlsplit(url).hostname or "", urlsplit(url).port or 0

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers with names in lower case, body; the path goes out as it is."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        found = (answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("server")
    for path in (base / "in" / "m.cbtrace", base / "in" / "<b>.cbtrace", base / "out.cbtrace"):
        writer = TraceWriter(path, {"bot": path.stem, "map": "Flat"})
        writer.close(result="Tie")
    (base / "in" / "link.cbtrace").symlink_to(base / "out.cbtrace")
    return base / "in"


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    with served(folder) as url:
        yield Client(url)


def test_the_page_and_its_modules_are_served(client: Client) -> None:
    status, headers, body = client.ask("/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b'src="/static/app.js"' in body
    for name in (*MODULES, "style.css"):
        status, headers, _ = client.ask(f"/static/{name}")
        assert status == 200
        assert headers["content-type"].split(";")[0] in ("text/javascript", "text/css")


def test_every_answer_forbids_scripts_of_others(client: Client) -> None:
    for path in ("/", "/match?name=m", "/static/app.js", "/api/matches", "/api/trace?file=m.cbtrace", "/nothing"):
        _, headers, _ = client.ask(path)
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_matches_are_listed_with_their_names_as_data(client: Client) -> None:
    status, headers, body = client.ask("/api/matches")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert {row["name"] for row in json.loads(body)["matches"]} == {"m", "<b>"}


def test_a_trace_is_read_from_where_one_stopped(client: Client, folder: Path) -> None:
    whole = (folder / "m.cbtrace").read_bytes()
    assert client.ask("/api/trace?file=m.cbtrace")[2] == whole
    assert client.ask("/api/trace?file=m.cbtrace&from=10")[2] == whole[10:]
    assert client.ask(f"/api/trace?file=m.cbtrace&from={len(whole) + 5}")[2] == b""
    assert client.ask("/api/trace?file=m.cbtrace&from=-1")[0] == 400
    assert client.ask("/api/trace?file=m.cbtrace&from=x")[0] == 400


@pytest.mark.parametrize(
    "file",
    [
        "../out.cbtrace",
        "..%2fout.cbtrace",
        "%2e%2e/out.cbtrace",
        "%252e%252e/out.cbtrace",
        "..%5cout.cbtrace",
        "link.cbtrace",
        "/etc/passwd",
        "m.cbtrace%00",
        "",
        "%ff%fe.cbtrace",
    ],
)
def test_nothing_outside_the_folder_is_served(client: Client, file: str) -> None:
    status, _, body = client.ask(f"/api/trace?file={file}")
    assert status == 404
    assert b"CBTRACE" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/../../etc/passwd",
        "/static/index.html",
    ],
)
def test_only_the_pages_own_files_are_static(client: Client, path: str) -> None:
    assert client.ask(path)[0] == 404


def test_the_server_only_reads(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.ask("/api/trace?file=m.cbtrace", method)[0] == 405


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]"])
def test_requests_meant_for_another_host_are_refused(client: Client, host: str) -> None:
    status, headers, _ = client.ask("/api/matches", Host=host)
    assert status == 421
    assert "content-security-policy" in headers


def test_the_names_of_loopback_are_ours_and_a_wide_address_answers_by_number() -> None:
    assert all(host_is_ours(name, "127.0.0.1") for name in ("127.0.0.1:80", "localhost:8765", "[::1]:1"))
    assert not host_is_ours("192.0.2.7:80", "127.0.0.1")
    assert host_is_ours("192.0.2.7:80", "0.0.0.0")
    assert not host_is_ours("evil.example", "0.0.0.0")


def test_one_match_is_shown_at_once(folder: Path) -> None:
    with served(folder, "m") as url:
        status, headers, _ = Client(url).ask("/")
        assert (status, headers["location"]) == (307, "/match?name=m")
        assert [row["name"] for row in json.loads(Client(url).ask("/api/matches")[2])["matches"]] == ["m"]
        assert Client(url).ask(f"/api/trace?file={quote('<b>.cbtrace')}")[0] == 404


def test_a_taken_port_is_an_error_that_says_so() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(ViewError, match="give another --port"):
            listen("127.0.0.1", taken.getsockname()[1])
        assert url_of(taken, "127.0.0.1", "a/<b>").endswith("/match?name=a%2F%3Cb%3E")


def test_who_does_not_read_does_not_hold_up_the_match_or_the_others(tmp_path: Path) -> None:
    """Twenty pages ask for a growing trace and never read the answer; the match writes on, another page reads on."""
    path = tmp_path / "live.cbtrace"
    writer = TraceWriter(path, {"bot": "cherry"}, flush_seconds=0.0)
    noise = "".join(chr(33 + index * 7 % 90) for index in range(4000))
    with served(tmp_path) as url:
        client = Client(url)
        stuck = []
        for _ in range(20):
            one = socket.create_connection((client.host, client.port))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            one.sendall(b"GET /api/trace?file=live.cbtrace HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            stuck.append(one)
        slowest = 0.0
        for step in range(300):
            begun = time.thread_time()
            writer.begin_step(4 * step)
            writer.note("x", text=f"{step} {noise}")
            writer.end_step()
            slowest = max(slowest, time.thread_time() - begun)
        assert slowest < 0.25, "writing waits for nobody"
        got = client.ask("/api/trace?file=live.cbtrace")[2]
        assert got == path.read_bytes()
        for one in stuck:
            one.close()
    writer.close()
    assert len(read_trace(path).records) == 300
