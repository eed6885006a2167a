"""The notebooks run from a fresh kernel, from top to bottom; their assertions hold."""

from pathlib import Path

import pytest

jupytext = pytest.importorskip("jupytext")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")

NOTEBOOKS = sorted((Path(__file__).parent.parent.parent / "notebooks").glob("*.py"))
SHORT, SECONDS = "02_audit_your_reward", 180
"""The one that is not left to the night; how long each may take."""


def test_there_are_four():
    assert [each.name[:2] for each in NOTEBOOKS] == ["01", "02", "03", "04"]


@pytest.mark.filterwarnings("ignore")  # of the kernel's own packages
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.nightly] * (path.stem != SHORT))
        for path in NOTEBOOKS
    ],
)
def test_a_notebook_runs_from_top_to_bottom(path, tmp_path):
    notebook = jupytext.read(path)
    client = nbclient.NotebookClient(
        notebook, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    shown = [output for cell in cells for output in cell.outputs]
    assert any("text/html" in output.get("data", {}) for output in shown)
