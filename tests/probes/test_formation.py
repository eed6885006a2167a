"""How a plan forms: from an untrained network to an agent that acts on its plan."""

import xml.etree.ElementTree as ET

import pytest

from inwit.cli.main import main
from inwit.probes import formation
from inwit.reports.formation import formation_picture
from tests.conftest import network_for
from tests.probes import frauds, planted
from tests.recipes import PLAIN, recipe_of


def formed():
    environment = planted.stages_environment()
    networks = [(0, network_for(environment)), (30, frauds.planner())]
    return formation(recipe_of("stages"), environment, networks, problems=100)


def test_what_is_examined_is_what_the_certificate_measures():
    first, last = formed().stages
    assert (first.update, last.update) == (0, 30)
    assert first.right.accuracy < 0.5
    assert first.edited is None
    assert last.right.accuracy == last.edited == 1
    assert last.random < 0.3
    assert last.trials == 100
    assert last.read > 0


@pytest.mark.slow
def test_the_picture_has_four_curves_and_is_sound():
    picture = ET.fromstring(formation_picture(formed()))
    space = "{http://www.w3.org/2000/svg}"
    curves = picture.findall(f"{space}polyline")
    assert [len(curve.get("points").split()) for curve in curves] == [2, 2, 1, 1]
    for curve in curves:
        for point in curve.get("points").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 640
            assert 20 <= y <= 320


@pytest.mark.slow
def test_the_command_examines_the_snapshots_of_a_run(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("inwit.probes.certificate.PARTS", ())
    run = tmp_path / "run"
    main(["train", "stages", "--updates", "2", "--batch", "8", *PLAIN, "--out", str(run)])
    capsys.readouterr()
    main(["certify", str(run), "--count", "20", "--formation", str(tmp_path / "plan.svg")])
    text = capsys.readouterr().out
    assert "plan read" in text
    assert (tmp_path / "plan.svg").read_text().startswith("<svg")
