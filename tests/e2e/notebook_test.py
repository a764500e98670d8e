"""The notebooks' cells run on what a real replay wrote: every plot has its points, the numbers are the report's."""

import bisect
import datetime
import json
import os
import pathlib
import subprocess
import sys

from harness import Missing, prometheus_over, quell, run, simulate

NOTEBOOKS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
RUNNER = pathlib.Path(__file__).with_name("notebook_run.py")
# A quiet week, then an incident of each kind: wider budgets catch more, and page for nothing.
HISTORY = ("--series", "60", "--duration", "10d", "--interval", "60s", "--quiet-start", "7d",
           "--incidents-per-week", "30", "--lookalikes-per-week", "30")


def plotting_python():
    """This interpreter, or the one that Debian's packages are for."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.access(python, os.X_OK) and subprocess.run(
                [python, "-c", "import matplotlib"], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    raise Missing("matplotlib is missing (scripts/install-packages notebooks)")


def history(box, *more, seed=3):
    """Folders of a simulated history and of its replay."""
    made, report = box.path / "history", box.path / "report"
    simulate("--out", made, "--seed", str(seed), *HISTORY)
    done = quell("replay", "--quiet", "--input", f"openmetrics:{made / 'metrics.om'}", "--incidents",
                 made / "incidents.json", "--evaluate-from", "2026-06-08T00:00:00Z", "--out", report, *more)
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
    _, report = history(box, "--no-budgets")
    os.environ["QUELL_REPORT"] = str(report)
    notebook = json.loads((NOTEBOOKS / "incident_review.ipynb").read_text())
    scope = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "incident_review.ipynb", "exec"), scope)
    assert scope["alerts"], "the history has no alert to review"


def budget_exploration_agrees_with_the_report(box):
    python = plotting_python()
    folder = history(box, seed=1)[1]
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


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def check_counts(counts, alerts, signal):
    """Worst k of n that Quell saw in an alert's time are a step's counts in the notebook; how many alerts. `counts`:
    [labels, step ends, k, n]; a lane may come more than once."""
    checked = 0
    for alert in alerts:
        labels = {name: value for name, value in alert["labels"].items() if name != "alertname"}
        if alert["signal"] != signal or alert["end"] is None:
            continue
        during = [(k[i], n[i]) for lane, grid, k, n in counts if lane == labels for i in range(len(grid))
                  if seconds(alert["start"]) - 600 < grid[i] < seconds(alert["end"]) + 300]
        if during:
            assert (alert["k"], alert["n"]) in during, (alert["labels"], alert["k"], alert["n"])
            checked += 1
    return checked


def area(positive, calm):
    """Under the ROC curve, by its definition."""
    calm = sorted(calm)
    wins = sum((bisect.bisect_left(calm, value) + bisect.bisect_right(calm, value)) / 2 for value in positive)
    return wins / len(positive) / len(calm)


def area_of_failures(lanes, incidents):
    """What the notebook says of a feature, told anew from its values after the quiet week and the incidents."""
    positive, calm = [], []
    for labels, grid, values in lanes:
        about = [(seconds(i["start"]), seconds(i["end"])) for i in incidents
                 if any(a["match"].items() <= labels.items() for a in i["affected"])]
        for time, value in zip(grid, values):
            if any(start < time <= end for start, end in about):
                positive.append(value)
            elif not any(start < time <= end + 2700 for start, end in about):
                calm.append(value)
    return area(positive, calm)


COUNTS = ("[[dict(lane), list(grid[~learn]), list(failures[lane][~learn]), list(requests[lane][~learn])] "
          "for lane in requests]")
SLOW = ("[[dict(lane), list(grid[~learn]), list(k[~learn]), list(timed[lane][~learn])] for lane in above "
        "for k in above[lane].values()]")  # at every edge: Quell learns its bound from the first requests
# Small ones with known answers: ties, windows, a restart, what is stale, summer time (Monday, Sunday).
KNOWN = """[
    raw.auc(np.array([1.0, 2, 2, 3]), np.array([False, False, True, True])),
    list(raw.over(np.arange(5.0), 2)),
    list(raw.increases(raw.Series({}, [1, 2, 3], [5, 7, 1]), np.array([1.0, 2, 3]))),
    [None if np.isnan(v) else v for v in raw.last_values(raw.Series({}, [1], [5]), np.array([1.0, 301, 302]))],
    list(raw.hour_of_week(np.array([1780272000.0, 1774747800]), zoneinfo.ZoneInfo("Europe/Berlin")))]"""
TABLE = "[[*feature, *table[feature]] for feature in table]"


def features_agree_with_the_decisions(box):
    python = plotting_python()
    folder, report = history(box, "--no-budgets")
    failing = "features['failure ratio', 'evidence, 15 min']"
    plots, (failures, slow, table, evidence, known) = execute(
        python, "feature_engineering.ipynb",
        [COUNTS, SLOW, TABLE, f"[[dict(lane), list(grid[~learn]), list({failing}[lane][~learn])] for lane in {failing}]",
         KNOWN],
        QUELL_HISTORY=folder)

    titles = ("Failure ratio by requests, 5 min", "Failure ratio around its worst",
              "Share of requests above each edge", "Slow share around its worst",
              "Usual requests by local hour of week", "Fall of volume, robust z",
              "db_pool_in_use_ratio, own scale", "db_pool_in_use_ratio, started log",
              "queue_depth, own scale", "queue_depth, started log", "All incidents",
              "By kind (white: about no such lane)")
    for title in titles:
        assert plots.get(title, 0) >= 18, (title, plots)
    assert plots["Usual requests by local hour of week"] == 168 * len(failures), plots
    assert known == [0.875, [0, 1, 3, 5, 7], [0, 2, 1], [5, 5, None], [2, 147]], known

    alerts = json.loads((report / "alerts.json").read_text())["alerts"]
    assert check_counts(failures, alerts, "payments_total:failure_ratio") >= 10
    assert check_counts(slow, alerts, "psp_request_duration_seconds:latency") >= 3

    area_of = {(signal, feature): value for signal, feature, value, _ in table}
    incidents = json.loads((folder / "incidents.json").read_text())["incidents"]
    told = area_of["failure ratio", "evidence, 15 min"]
    assert near(told, area_of_failures(evidence, incidents)), told
    assert told > 0.8 and told > area_of["failure ratio", "share, 5 min"], area_of
    assert area_of["volume", "fall, seasonal"] > area_of["volume", "fall, unseasoned"] + 0.1, area_of


def a_prometheus_gives_the_same_features(box):
    python = plotting_python()
    folder = box.path / "history"
    simulate("--out", folder, "--seed", "3", *HISTORY)
    url = prometheus_over(box, folder / "metrics.om")
    from_file = execute(python, "feature_engineering.ipynb", [TABLE], QUELL_HISTORY=folder)
    (folder / "metrics.om").unlink()
    from_server = execute(python, "feature_engineering.ipynb", [TABLE], QUELL_HISTORY=folder,
                          QUELL_PROMETHEUS=url, QUELL_FROM="2026-06-01T00:00:00Z",
                          QUELL_TO="2026-06-11T00:01:00Z")
    assert json.dumps(from_file) == json.dumps(from_server), (from_file, from_server)


run(incident_review_runs, budget_exploration_agrees_with_the_report, features_agree_with_the_decisions,
    a_prometheus_gives_the_same_features)
