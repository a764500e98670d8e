"""Decisions of a live run and of a replay of its journal: the same, byte for byte."""

import json
import time

from harness import free_port, quell, request, run, simulate

HISTORY = ("--seed", "3", "--series", "120", "--interval", "60s", "--start", "2026-06-01T00:00:00Z",
           "--duration", "9d", "--quiet-start", "6d", "--incidents-per-week", "10",
           "--batch", "3000")
CHANGE = {"id": "c1", "kind": "deploy", "time": "2026-06-08T09:00:00Z", "note": "api 7.1"}


def post(server, path, body):
    answer = request("POST", server.url + path, json.dumps(body), {"Content-Type": "application/json"})
    assert answer.status == 200, answer.text


def others_speak(server):
    """Alerts and a silence as Prometheus and amtool send them, over some seconds."""
    silence = {"matchers": [{"name": "psp", "value": "quiet", "isRegex": False}],
               "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
               "createdBy": "sre", "comment": "c"}
    post(server, "/api/v2/silences", silence)
    for i in range(6):
        labels = [{"alertname": f"A{j}", "psp": psp, "severity": severity}
                  for j, (psp, severity) in enumerate([("acme", "critical"), ("quiet", "critical"),
                                                       ("globex", "warning"), ("acme", "none")])]
        ends = "2099-01-01T00:00:00Z" if i % 3 < 2 else "2026-01-02T00:00:00Z"
        post(server, "/api/v2/alerts", [
            {"labels": one, "startsAt": "2026-01-01T00:00:00Z", "endsAt": ends,
             "annotations": {"summary": f"round {i}"}} for one in labels])
        time.sleep(0.7)


def a_page_is_explained(box, server):
    """quell explain, beside the engine that paged: what follows shows that it is not disturbed."""
    paged = [row for row in server.rows("incidents") if row.get("paged_at")]
    page = min(paged, key=lambda row: row["paged_at"])
    config = box.path / "q.yaml"
    done = quell("explain", page["key"], "--config", config)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    assert "the same decision, byte for byte" in done.stdout, done.stdout
    done = quell("explain", page["key"], "--config", config, "--json")
    said = json.loads(done.stdout)
    assert said["now"] == said["recorded"] and said["finding"] == "same", said
    assert said["summary"] == json.loads(said["now"])["summary"] and said["evidence"], said

    # Whoever waits longer for late samples decides later.
    other = box.write("other.yaml", config.read_text() + "lateness: 45s\n")
    done = quell("explain", page["key"], "--config", other, "--json")
    assert done.returncode == 9, (done.returncode, done.stdout, done.stderr)
    said = json.loads(done.stdout)
    assert said["finding"] in ("different", "not_paged"), said
    assert said["model_recorded"] != said["model_now"], said
    assert said["effects_again"] < said["effects"] and said["first_other_entry"] > 0, said

    done = quell("explain", "no-such-page", "--config", config)
    assert done.returncode == 6, (done.returncode, done.stderr)


def the_journal_tells_the_same_story(box):
    port = free_port()
    server = box.serve("server", "--config",
                       box.config("q", port, extra="journal:\n  fsync_interval: 5ms\n"), port=port)
    assert request("POST", server.url + "/api/v1/changes", json.dumps(CHANGE)).status == 202
    simulate(*HISTORY, "--remote-write", server.write_url)
    server.wait_applied()
    a_page_is_explained(box, server)
    others_speak(server)
    server.wait_applied()
    assert server.metric("quell_alerts_received_taken_total") >= 8
    live_decisions = server.rows("decisions")
    live_incidents = server.rows("incidents")
    assert server.stop() == 0
    assert 5 < len(live_decisions) < 1000, f"{len(live_decisions)} decisions prove little"

    done = quell("replay", "--quiet", "--input", f"journal:{box.path / 'q-data' / 'journal'}",
                 "--config", box.path / "q.yaml", "--out", box.path / "report")
    assert done.returncode == 0, done.stderr
    lines = (box.path / "report" / "decisions.jsonl").read_text().splitlines()
    replayed = [json.loads(line) for line in lines]
    assert replayed == live_decisions[::-1], "decisions differ"

    pages = json.loads((box.path / "report" / "pages.json").read_text())
    pages = pages["pages"] if isinstance(pages, dict) else pages
    paged = {row["key"]: row for row in live_incidents if row.get("paged_at")}
    assert paged, "nothing paged"
    ids = {page["id"] for page in pages}
    assert ids == set(paged), f"{ids} are not {set(paged)}: {live_incidents[0]}"
    for page in pages:
        assert page["summary"] == paged[page["id"]]["summary"], page["id"]

    again = quell("replay", "--quiet", "--input", f"journal:{box.path / 'q-data' / 'journal'}",
                  "--config", box.path / "q.yaml", "--out", box.path / "again")
    assert again.returncode == 0, again.stderr
    for name in ("pages.json", "alerts.json", "decisions.jsonl"):
        first = (box.path / "report" / name).read_bytes()
        assert first == (box.path / "again" / name).read_bytes(), f"{name} differs between runs"


if __name__ == "__main__":
    run(the_journal_tells_the_same_story)
