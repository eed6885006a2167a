"""Who may ask what: requests as a program on this machine, or another site's page, makes them."""

import http.client
import json
import socket

import pytest

from inwit.cli.agents import SHIPPED
from inwit.cli.main import main
from inwit.playground.guard import MAX_BODY
from inwit.playground.server import HOST, Server

JSON = {"content-type": "application/json"}


@pytest.fixture
def ask(served):
    def asked(method, path, body=None, headers=None, **more):
        connection = http.client.HTTPConnection(HOST, served.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {}, **more)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    return asked


@pytest.mark.slow
def test_the_page_and_its_parts_are_served(ask):
    for path, kind in (("/", "text/html"), ("/main.js", "javascript"), ("/style.css", "text/css")):
        status, headers, body = ask("GET", path)
        assert status == 200
        assert kind in headers["content-type"]
        assert body
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 400),
        ({"host": "127.0.0.1"}, 400),
        ({"host": "127.0.0.1:1"}, 400),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({}, 200),
    ],
)
def test_only_the_page_itself_may_ask(ask, served, headers, status):
    body = json.dumps({"problem": "3*7+2"})
    own = {"origin": served.address.rstrip("/"), **JSON}
    found, told, content = ask("POST", "/api/episode", body, own | headers)
    assert found == status
    assert "default-src 'none'" in told["content-security-policy"]
    assert ("error" in json.loads(content)) == (status != 200)


def test_a_large_body_is_refused_whether_or_not_it_says_so(ask):
    body = b'{"problem": "' + b"1" * MAX_BODY + b'"}'
    assert ask("POST", "/api/episode", body, JSON)[0] == 413
    chunks = (body[start : start + 9000] for start in range(0, len(body), 9000))
    assert ask("POST", "/api/episode", chunks, JSON, encode_chunked=True)[0] == 413


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("episode", "nonsense", "JSON"),
        ("episode", "{}", "problem"),
        ("episode", '{"problem": "3*x"}', "'x' cannot be read"),
        ("episode", '{"problem": "__import__(1)"}', "cannot be read"),
        ("episode", '{"problem": "1+1", "run": 7}', "run 7"),
        ("episode", '{"problem": "1+1", "run": -1}', "run -1"),
        ("episode", '{"problem": "1+1", "run": "../../etc"}', "run"),
        ("episode", '{"problem": "1+1", "snapshot": 17}', "has no snapshot 17"),
        ("episode", '{"problem": "1+1", "off": ["all"]}', "unknown switch"),
        ("episode", '{"problem": "1+1", "edits": [{"press": 1, "place": 0, "value": NaN}]}', ""),
        ("agent", '{"run": 1e99}', "run"),
        ("certificate", '{"run": 3}', "run 3"),
    ],
)
def test_a_mistake_is_told_in_one_line(ask, path, body, told):
    status, _, content = ask("POST", f"/api/{path}", body, JSON)
    assert status == 400
    message = json.loads(content)["error"]
    assert told in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "path", ["/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/agents", "/report/audit/1"]
)
def test_nothing_else_is_served(ask, path):
    assert ask("GET", path)[0] == 404


def test_it_listens_at_the_loopback_interface_alone(served):
    assert served.socket.getsockname()[0] == "127.0.0.1"


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_a_port_in_use_is_told(capsys):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = refused(capsys, "play", "--port", port, "--no-browser")
    assert f"--port {port}" in told
    assert "in use" in told
    assert "--port 70000" in refused(capsys, "play", "--port", 70000, "--no-browser")


def test_a_missing_browser_is_told(capsys, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    told = refused(capsys, "play", "--port", 0)
    assert "--no-browser" in told
    assert "http://127.0.0.1:" in told


def test_a_folder_that_is_no_run_is_told(capsys, tmp_path):
    assert "not a run folder" in refused(capsys, "play", tmp_path, "--no-browser")


def test_play_serves_until_it_is_stopped(capsys, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    monkeypatch.setattr(Server, "wait", lambda server: None)
    main(["play", SHIPPED.as_posix(), "--port", "0"])
    assert opened[0] in capsys.readouterr().out
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, int(opened[0].rsplit(":", 1)[1].strip("/"))), timeout=2)
