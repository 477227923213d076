"""The notebooks run from start to end, as they are, and what is kept in them is small and says nothing of a machine."""

import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


def outputs(notebook) -> str:
    """What the cells printed and returned, pictures as their type."""
    said = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            said.append(output.get("text") or ("image/png" if "image/png" in data else data.get("text/plain", "")))
    return "\n".join(said)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_and_says_what_it_said(path):
    notebook = nbformat.read(path, as_version=4)
    kept = outputs(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    nbclient.execute(notebook, cwd=path.parent, timeout=120, kernel_name="python3", coalesce_streams=True)
    # A stream is shown with a | between its pieces, and a reader who is late gets several at a time.
    assert outputs(notebook).replace("|", "") == kept.replace("|", "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_light_and_says_nothing_of_a_machine(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert path.stat().st_size < 150_000
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert not any(cell.metadata for cell in notebook.cells)
    assert not re.search(r"/(home|root|tmp|usr|opt|Users)/|[A-Z]:\\\\|Warning|Error", path.read_text("utf-8"))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":  # both languages
            assert re.search("[A-Za-z]{4}", cell.source) and re.search("[一-鿿]{4}", cell.source)
