"""Environments of OpenEnv: in the child process, and behind a running server."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import inwit
from inwit.auditing.base import Verdict
from inwit.auditing.child.process import Limits
from inwit.errors import InvalidOption
from tests.tiers import few_fast

pytest.importorskip("openenv")
WORLDS = Path(__file__).parent / "worlds" / "open_worlds.py"
SERVER = """
import sys, uvicorn
from openenv.core.env_server.http_server import create_fastapi_app
sys.path.insert(0, sys.argv[1])
import open_worlds as worlds
kind = getattr(worlds, sys.argv[3])
app = create_fastapi_app(kind, worlds.Guess, worlds.Shown)
uvicorn.run(app, port=int(sys.argv[2]), log_level="error")
"""


@pytest.mark.parametrize(
    ("name", "id", "verdict"),
    few_fast(
        [
            ("Leaking", "seed/left-over", "fail"),
            ("Broken", "fault/reset", "fail"),
            ("PaidLate", "end/paid-after", "warn"),
        ],
        0,
        many=True,
    ),
)
def test_a_fault_is_seen_by_its_probe(name, id, verdict):
    found = inwit.audit(f"openenv:{WORLDS}:{name}", items=8)
    assert found.find(id).verdict == verdict


def test_a_sound_environment_has_no_finding():
    found = inwit.audit(f"openenv:{WORLDS}:Sound")
    assert found.at_least(Verdict.WARN) == ()
    assert found.find("play/oracle").count == 24


@pytest.fixture
def address(request):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, str(WORLDS.parent), str(port), request.param]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(address):
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=1)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


@pytest.mark.parametrize("address", ["Sound"], indirect=True)
def test_a_sound_server_has_no_finding(address):
    found = inwit.audit(f"openenv:{address}", items=8, limits=Limits(call=5))
    assert found.at_least(Verdict.WARN) == ()
    assert found.find("play/best-blind").count == 8


@pytest.mark.slow
@pytest.mark.parametrize("address", ["PaidLate"], indirect=True)
def test_a_fault_of_a_server_is_found(address):
    found = inwit.audit(f"openenv:{address}", items=8, limits=Limits(call=5))
    assert found.find("end/paid-after").verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9", "does not answer as a server of OpenEnv"),
        ("ftp://127.0.0.1", "openenv:http://localhost:8000"),
    ],
)
def test_an_address_that_is_none_or_silent_is_refused(address, words):
    with pytest.raises(InvalidOption, match=words):
        inwit.audit(f"openenv:{address}")
