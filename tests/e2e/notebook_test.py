"""The notebooks' cells run on what a real replay wrote: every plot has its points, the numbers are the report's."""

import json
import os
import pathlib
import subprocess
import sys

from harness import Missing, quell, run, simulate

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
RUNNER = pathlib.Path(__file__).with_name("notebook_run.py")
# A quiet week, then an incident of each kind: wider budgets catch more, and page for nothing.
HISTORY = ("--seed", "3", "--series", "60", "--duration", "10d", "--interval", "60s", "--quiet-start", "7d",
           "--incidents-per-week", "30", "--lookalikes-per-week", "30")


def plotting_python():
    """This interpreter, or the one that Debian's packages are for."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.access(python, os.X_OK) and subprocess.run(
                [python, "-c", "import matplotlib"], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    raise Missing("matplotlib is missing (scripts/install-packages notebooks)")


def history(box):
    """Folders of a simulated history and of its replay."""
    made, report = box.path / "history", box.path / "report"
    simulate("--out", made, *HISTORY)
    done = quell("replay", "--quiet", "--input", f"openmetrics:{made / 'metrics.om'}", "--incidents",
                 made / "incidents.json", "--evaluate-from", "2026-06-08T00:00:00Z", "--out", report)
    assert done.returncode == 0, done.stderr
    return made, report


def execute(python, notebook, expressions, **environment):
    """What it drew (title to points), and the values of expressions."""
    done = subprocess.run([python, RUNNER, NOTEBOOKS / notebook, *expressions], text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, **{name: str(value) for name, value in environment.items()}})
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    return said["plots"], said["values"]


def near(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


def incident_review_runs(box):
    _, report = history(box)
    os.environ["QUELL_REPORT"] = str(report)
    notebook = json.loads((NOTEBOOKS / "incident_review.ipynb").read_text())
    scope = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "incident_review.ipynb", "exec"), scope)
    assert scope["alerts"], "the history has no alert to review"


def budget_exploration_agrees_with_the_report(box):
    python = plotting_python()
    folder = history(box)[1]
    report = json.loads((folder / "report.json").read_text())
    by_budget = report["by_budget"]
    plots, (weeks, costs, cheapest, ends, came) = execute(
        python, "budget_exploration.ipynb",
        ["weeks", "[sum(costs[b].values()) for b in budgets]", "cheapest",
         "[detected[b][-1] for b in budgets]",
         "[[page['incident'] for page in came] for came, _ in changes.values()]"],
        QUELL_REPORT=folder)

    caught = [entry["scores"]["caught"] for entry in by_budget]
    incidents, pages = len(report["incidents"]), sum(len(entry["pages"]) for entry in by_budget)
    assert [entry["budget"] for entry in by_budget] == [0.5, 1, 2, 5, 10]
    assert plots["Recall, precision, F1"] >= 3 * len(by_budget), plots
    assert plots["False pages a week"] == 2 * len(by_budget), plots
    assert plots["A week's cost"] >= 2 * len(by_budget), plots
    assert plots["A week's cost by the price of a miss"] == 31 * len(by_budget), plots
    assert plots["Paged within"] == sum(caught) + len(caught), plots
    assert plots["By kind, at 1 a week (x: missed)"] == incidents, plots
    assert plots["Pages"] == pages, plots

    for entry, cost, (minutes, share) in zip(by_budget, costs, ends):
        scores = entry["scores"]
        assert near(cost * weeks, scores["cost"]), (entry["budget"], cost * weeks, scores["cost"])
        assert near(share, scores["recall"]), (entry["budget"], share)
        assert 60 * minutes >= scores["detect_p90_seconds"] - 1e-6, (entry["budget"], minutes)
    assert near(min(costs), costs[[entry["budget"] for entry in by_budget].index(cheapest)])
    for before, after, new in zip(by_budget, by_budget[1:], came):
        was = {i["id"] for i in before["incidents"] if i["caught"]}
        now = {i["id"] for i in after["incidents"] if i["caught"]}
        assert now - was <= set(new), f"{now - was} is caught at {after['budget']} only, said is {new}"
    assert any(came), "no budget of this history changes a page"


run(incident_review_runs, budget_exploration_agrees_with_the_report)
