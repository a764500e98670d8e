"""A learned duplicate classifier from history to service: written, refused, used, fallen back from."""

import json

from harness import free_port, quell, run


def history(count, apart=True):
    """Two troubles of a service six minutes apart, where the built-in weights see one; or one."""
    alerts = []

    def add(name, number, minute, incident):
        alerts.append({"labels": {"alertname": name, "service": f"s{number}", "severity": "critical"},
                       "startsAt": 1772409600 + 60 * minute,
                       "endsAt": 1772409600 + 60 * (minute + 10), "incident": incident})

    for i in range(count):
        add("errors", i % 5, 40 * i, f"{i} a")
        add("latency", i % 5, 40 * i + 1, f"{i} a")
        add("restarts", i % 5, 40 * i + 7, f"{i} b" if apart else f"{i} a")
        add("queue", i % 5, 40 * i + 8, f"{i} b" if apart else f"{i} a")
        add("other", 5, 40 * i + 8, "")
    return json.dumps({"alerts": alerts})


def train(box, text, *flags):
    written = box.write("history.json", text)
    return quell("train-dedup", "--history", written, "--out", box.path / "model.json", *flags,
                 seconds=120)


def what_it_learns_is_written_and_used(box):
    done = train(box, history(120))
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    model = json.loads((box.path / "model.json").read_text())
    assert model["kind"] == "quell-dedup-model" and len(model["features"]) == 12, model
    held_out = model["held_out"]
    assert held_out["model"]["f1"] > held_out["built_in"]["f1"], held_out
    assert len(model["trained"]["data_sha256"]) == 64, model["trained"]
    again = train(box, history(120))
    assert json.loads((box.path / "model.json").read_text()) == model, again.stdout

    for text, state in ((json.dumps(model), "model"), ("{", "unusable")):
        path = box.write("used.json", text)
        port = free_port()
        config = box.config("q" + state, port, extra=f"incidents: {{dedup_model: {path}}}\n")
        server = box.serve("server-" + state, "--config", config, port=port)
        assert f'quell_dedup_model{{state="{state}"}} 1' in server.get("/metrics").text, state


def what_does_not_help_is_refused(box):
    done = train(box, history(120, apart=False))
    assert done.returncode == 3, (done.returncode, done.stdout, done.stderr)
    assert "refused, nothing was written: pairwise F1" in done.stdout, done.stdout
    assert not (box.path / "model.json").exists()


def bad_input_is_told_by_its_place(box):
    few = train(box, history(5))
    assert few.returncode == 1 and "too little history" in few.stderr, few.stderr
    bad = train(box, '{"alerts": [\n {"labels": {}}]}')
    assert bad.returncode == 1 and "history.json:2:13" in bad.stderr, bad.stderr
    feedback = box.write("feedback.json", "\n{\"id\": 1}\n")
    worse = train(box, history(120), "--feedback", feedback)
    assert worse.returncode == 1 and "feedback.json:2" in worse.stderr, worse.stderr


if __name__ == "__main__":
    run(what_it_learns_is_written_and_used, what_does_not_help_is_refused,
        bad_input_is_told_by_its_place)
