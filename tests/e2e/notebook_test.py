"""The notebooks' cells run on what a real replay wrote."""

import json
import os
import pathlib

from harness import quell, run, simulate

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"


def incident_review_runs(box):
    history = box.path / "history"
    simulate("--out", history, "--seed", "3", "--series", "60", "--duration", "3d", "--interval",
             "60s", "--quiet-start", "2d", "--incidents-per-week", "14")
    done = quell("replay", "--quiet", "--input", f"openmetrics:{history / 'metrics.om'}",
                 "--incidents", history / "incidents.json", "--out", box.path / "report")
    assert done.returncode == 0, done.stderr
    os.environ["QUELL_REPORT"] = str(box.path / "report")
    notebook = json.loads((NOTEBOOKS / "incident_review.ipynb").read_text())
    scope = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "incident_review.ipynb", "exec"), scope)
    assert scope["alerts"], "the history has no alert to review"


run(incident_review_runs)
