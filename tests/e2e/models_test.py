"""Versions of what decides, on a live engine: registered, approved by somebody else, promoted, seen in
a new decision, kept over kill -9, rolled back; and what is refused on the way."""

import json
import os
import subprocess
import time

from client_test import alert
from harness import QUELL, free_port, quell, request, run, snappy, wait_until, write_v1

ADA, BOB = "token-of-ada-0123456789abcdef", "token-of-bob-0123456789abcdef"
REPORT = {"version": 1, "data": {"first": "2026-08-01T00:00:00Z", "last": "2026-08-15T00:00:00Z"},
          "scores": {"recall": 0.93, "precision": 0.9, "false_pages_per_week": 1.5, "incidents": 21}}
RULES = "models: {require_approval: true}\n"


class World:
    def __init__(self, box, extra=RULES):
        self.box, self.port = box, free_port()
        tokens = [f"    - {{name: {name}, role: admin, token_file: {box.write(name, token)}}}\n"
                  for name, token in (("ada", ADA), ("bob", BOB))]
        self.file = box.config("q", self.port, extra="auth:\n  tokens:\n" + "".join(tokens) +
                               "  anonymous: [read, ingest, audit]\n" + extra)
        self.serve()

    def serve(self):
        self.server = self.box.serve("server", "--config", self.file, port=self.port)
        wait_until("ready", lambda: self.server.status()["ready"])

    def model(self, *arguments, by=ADA, code=0):
        done = subprocess.run([QUELL, "model", *map(str, arguments), "--url", self.server.url],
                              timeout=60, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, "COLUMNS": "", "QUELL_TOKEN": by})
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def asked(self, *arguments, **more):
        return json.loads(self.model(*arguments, "--json", **more))

    def register(self, settings, report=REPORT):
        file = self.box.write("candidate.yaml", settings)
        data = self.box.write("history.om", "# EOF\n")
        extra = ["--report", self.box.write("report.json", json.dumps(report))] if report else []
        return self.asked("register", file, *extra, "--data", data, "--note", "for a test")["id"]

    def audit(self, key):
        return self.server.get(f"/api/v1/audit?key={key}").json["audit"]


def a_version_goes_into_force_and_back(box):
    world = World(box)
    before = world.server.status()["model"]
    first = alert(world.server, "Before", psp="acme")
    assert "No versions" in world.model("list")
    model = world.register("false_pages_per_week: 0.5\nlisten: 127.0.0.1:1\nincidents: {hold: 20s}\n")
    shown = world.model("show", model[:8])
    for word in ("candidate", "token/ada", "recall 0.93", "holds   recall 0.93 >= 0.8",
                 'incidents.hold: not set -> "20s"', "for a test", "2026-08-01 00:00:00"):
        assert word in shown, (word, shown)
    one = world.asked("show", model)
    assert len(one["training"]["digest"]) == 64 and len(one["learned"]["digest"]) == 64, one
    assert "listen" not in one["settings"], one

    assert "approved it" in world.model("promote", model, code=1)
    world.model("approve", model, "--reason", "my own")
    assert "approved it" in world.model("promote", model, code=1), "one's own approval counts"
    world.model("approve", model, "--reason", "read it", by=BOB)
    assert "same person" in world.model("approve", model, by=BOB, code=1)
    assert "active" in world.model("promote", model, "--reason", "go")
    wait_until("it is in force", lambda: world.server.status()["model"] == model)
    assert f'quell_model_info{{version="{model}"}} 1' in world.server.get("/metrics").text

    second = alert(world.server, "After", psp="globex")
    decided = {row["what"]: row["model"] for key in (first, second) for row in world.audit(key)
               if key == second}
    assert decided["incident_page"] == model, decided
    assert {row["model"] for row in world.audit(first) if row["what"] == "incident_page"} == {before}
    deeds = [(row["what"], row["actor"]) for row in reversed(world.audit(model))]
    assert deeds == [("model_registered", "token/ada"), ("model_approved", "token/ada"),
                     ("model_approved", "token/bob"), ("model_promoted", "token/ada")], deeds

    world.server.kill()
    world.serve()
    assert world.server.status()["model"] == model
    assert [(row["what"], row["actor"]) for row in reversed(world.audit(model))] == deeds
    assert [a["by"] for a in world.asked("show", model)["approvals"]] == ["token/ada", "token/bob"]
    third = alert(world.server, "Later", psp="initech")
    assert {row["model"] for row in world.audit(third) if row["what"] == "incident_page"} == {model}

    # What was decided under either version is explained by the version that decided it.
    for key, version in ((first, before), (third, model)):
        done = quell("explain", key, "--config", world.file, "--json")
        told = json.loads(done.stdout)
        assert (done.returncode, told["finding"]) == (0, "same"), (done.returncode, told)
        assert told["model_recorded"] == told["model_now"] == version, told

    assert "configuration's own settings" in world.model("rollback", "--reason", "not better")
    wait_until("it is left", lambda: world.server.status()["model"] == before)
    assert "nothing before" in world.model("rollback", code=1)
    assert world.asked("show", model)["state"] == "retired"
    world.server.kill()
    world.serve()
    assert world.server.status()["model"] == before
    verified = quell("audit", "verify", "--data-dir", box.path / "q-data")
    assert verified.returncode == 0, verified.stderr + verified.stdout


def a_shadow_pages_nobody_and_outlives_a_kill(box):
    world = World(box, "")
    model = world.register("incidents: {hold: 45s}\n")
    assert "shadow" in world.model("shadow", model[:8], "--reason", "try it")
    assert "in that state already" in world.model("shadow", model, code=1)
    alert(world.server, "Both", psp="acme")
    wait_until("both have paged", lambda: world.asked("differences", model)["waiting"] >= 2)
    paged = world.server.get("/api/v1/audit?kind=page").json["audit"]
    assert [row["what"] for row in paged] == ["page_trigger"], paged
    world.server.kill()
    world.serve()
    assert world.asked("show", model)["state"] == "shadow"
    told = world.asked("differences", model)
    assert told["waiting"] >= 2 and told["pages"]["only_active"] == 0, told
    other = world.register("incidents: {hold: 50s}\n")
    assert "not the one" in world.model("differences", other, code=6)
    world.model("shadow", other)
    assert world.asked("show", model)["state"] == "candidate"
    assert "pages:" in world.model("differences", other)
    assert world.server.get("/metrics").text.count("quell_model_differences{") == 6


def points_are_scored_and_the_rules_stand_in(box):
    world = World(box, "")
    url = world.server.url + "/api/v1/score"

    def score(body):
        return request("POST", url, json.dumps(body).encode(), {"Authorization": "Bearer " + ADA})

    now = int(time.time() * 1000)
    series = [({"__name__": "payments_total", "psp": "acme", "outcome": outcome},
               [(now - (60 - i) * 30000, share * 1000.0 * i) for i in range(61)])
              for outcome, share in (("approved", 0.98), ("error", 0.02))]
    wrote = request("POST", world.server.url + "/api/v1/write", snappy(write_v1(series)),
                    {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"})
    assert wrote.status in (200, 204), wrote.text

    def ratio():
        rows = world.server.get("/api/v1/signals?limit=100").json["signals"]
        return next((row for row in rows if row["kind"] == "ratio"), None)
    signal = wait_until("the ratio is known", ratio)["id"]

    def by_rules():
        answer = score({"points": [{"signal": signal, "value": 0.9}, {"signal": signal, "value": 0.1},
                                   {"signal": "00ff", "value": 1}]})
        assert answer.status == 200, answer.text
        return answer.json if answer.json["points"][0]["fallback"] == "cold" else None
    told = wait_until("its rules are known", by_rules)
    assert told["model"] == world.server.status()["model"] and told["fallbacks"] == 3, told
    assert [(p["anomalous"], p["reason"], p["fallback"]) for p in told["points"]] == [
        (True, "static_limit", "cold"), (False, "normal", "cold"),
        (False, "insufficient_evidence", "unknown_signal")], told
    missing = score({"model": "0" * 64, "points": [{"signal": signal, "value": 0.9}]}).json
    assert missing["points"][0]["fallback"] == "missing" and missing["points"][0]["anomalous"], missing
    for body, word in (({}, "points is missing"), ({"points": []}, "1 to 1000"),
                       ({"points": [{"signal": signal}]}, "points[0].value is missing"),
                       ({"points": [{"signal": "xyz", "value": 1}]}, "points[0].signal"),
                       ({"points": [{"signal": signal, "value": "1"}]}, "must be a number"),
                       ({"points": [{"signal": signal, "value": 1, "requests": -1}]}, "out of range"),
                       ({"points": [{"signal": signal, "value": 1}] * 1001}, "1 to 1000"),
                       ({"budget_ms": 0, "points": [{"signal": signal, "value": 1}]}, "budget_ms"),
                       ({"model": "../x", "points": [{"signal": signal, "value": 1}]}, "model must be")):
        answer = score(body)
        assert answer.status == 400 and word in answer.json["detail"], (body, answer.text)
    assert 'quell_scored_points_total{fallback="missing"} 1' in world.server.get("/metrics").text


def what_must_not_be_is_refused(box):
    world = World(box, "")
    base = world.server.url + "/api/v1/models"

    def post(path, body=b"{}", **headers):
        return request("POST", base + path, body, {"Authorization": "Bearer " + ADA, **headers})

    def problem(answer):
        return answer.status, answer.json["error"]["code"]

    unmeasured = world.register("false_pages_per_week: 3\n", report=None)
    assert "recall not measured" in world.model("promote", unmeasured, code=1)
    poor = dict(REPORT, scores=dict(REPORT["scores"], recall=0.5))
    assert "recall 0.5 < 0.8" in world.model("promote", world.register("lateness: 20s\n", poor), code=1)
    assert problem(post(f"/{unmeasured}/promote")) == (428, "if_match_required")
    assert problem(post(f"/{unmeasured}/promote", **{"If-Match": '"999"'})) == (412, "changed_since")
    assert problem(post(f"/{unmeasured}/promote", **{"If-Match": "x"})) == (412, "changed_since")
    assert problem(post(f"/{'0' * 64}/retire")) == (404, "unknown_model")
    assert problem(post("/rollback", b'{"model":"00ff"}')) == (409, "nothing_before")
    assert "no model's" not in world.model("register", box.write("s.yaml", "step: 10s\n"), code=1)
    assert "registered before" in world.model("register", box.write("again.yaml", "false_pages_per_week: 3\n"),
                                    "--data", box.write("history.om", "# EOF\n"), code=1)
    for body, word in ((b"[]", "JSON object"), (b"{}", "settings is missing"),
                       (b'{"settings":{"listen":"x"}}', "does not set"),
                       (b'{"settings":{"lateness":"-1s"}}', "lateness"),
                       (b'{"settings":{},"quality":7}', "quality must be an object"),
                       (b'{"settings":{},"training":{"from":"x"}}', "training.from"),
                       (b'{"settings":{},"extra":1}', 'unknown field'),
                       (b'{"settings":{},"reason":"' + b"x" * 1001 + b'"}', "longer than 1000")):
        answer = post("", body)
        assert answer.status == 400 and word in answer.json["detail"], (body, answer.text)
    nobody = request("POST", base + "/rollback", b"{}")
    assert nobody.status in (401, 403), nobody.status
    hostile = box.write("h.yaml", 'policies:\n  - {match: \'{psp="<img src=x>"}\', floor: 0.1}\n')
    made = world.asked("register", hostile, "--note", "two\nlines \x1b[31m")["id"]
    for out in (world.model("show", made), world.model("list")):
        assert not any(ord(c) < 32 and c != "\n" for c in out), repr(out)
    world.model("retire", made)
    assert "retired" in world.model("approve", made, code=1)


if __name__ == "__main__":
    run(a_version_goes_into_force_and_back, a_shadow_pages_nobody_and_outlives_a_kill,
        points_are_scored_and_the_rules_stand_in, what_must_not_be_is_refused)
