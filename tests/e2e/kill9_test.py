"""kill -9 at random moments under load: what was acknowledged is in the journal, and on-call people
see the same incidents as without the crashes, each opened once and resolved; what they did at
PagerDuty meanwhile is there, once."""

import datetime
import http.client
import json
import random
import threading
import time

import pagerduty_hooks as hooks
from harness import (SANDBOX, QUELL, free_port, needs, quell, request, run, simulate,
                     wait_until)

ROUNDS = 9
SEED = 20
START = "2026-06-01T00:00:00Z"
HISTORY = ("--seed", "5", "--series", "120", "--interval", "60s", "--start", START,
           "--duration", "9d", "--quiet-start", "7d", "--incidents-per-week", "0",
           "--lookalikes-per-week", "0", "--batch", "4000",
           "--inject", "psp_outage,psp=acme,+7d10h,40m",
           "--inject", "service_error_rate,service=payments-api,+8d12h,40m")
SETTINGS = "snapshot_interval: 1s\njournal:\n  fsync_interval: 20ms\n"


def sent_samples(words):
    return int(words.split("sent ", 1)[1].split()[0])


def settle(server):
    server.wait_applied()
    server.wait_delivered()


def story(server, sandbox):
    """What happened, as far as people and records are concerned."""
    incidents = {row["key"]: row for row in server.rows("incidents")}
    opened = [e["dedup_key"] for e in sandbox.events() if e["effect"] == "opened"]
    return incidents, opened


def journal_samples(box, name):
    done = quell("replay", "--quiet", "--input", f"journal:{box.path / (name + '-data') / 'journal'}",
                 "--out", box.path / (name + "-report"))
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split(" samples", 1)[0].split()[-1].replace(",", ""))


def crashes_lose_and_double_nothing(box):
    needs(SANDBOX)
    # Without crashes.
    calm_pages = box.sandbox("calm-pages")
    port = free_port()
    calm = box.serve("calm", "--config", box.config("calm", port, calm_pages, SETTINGS), port=port)
    begun = time.monotonic()
    words = simulate(*HISTORY, "--remote-write", calm.write_url)
    load_seconds = time.monotonic() - begun
    total = sent_samples(words)
    settle(calm)
    calm_incidents, calm_opened = story(calm, calm_pages)
    assert len(calm_opened) >= 2, f"the history must page: {calm_opened}"
    calm_samples = calm.metric("quell_signal_samples_total")
    assert calm.stop() == 0

    # With crashes: the same history, a kill every now and then, a restart on the same folder.
    pages = box.sandbox("pages")
    port = free_port()
    config = box.config("crashing", port, pages, SETTINGS)
    rng = random.Random(SEED)
    server = box.serve("crashing-0", "--config", config, port=port)
    sender = box.start("sender", QUELL, "simulate", *HISTORY, "--remote-write", server.write_url)
    kills_under_load = 0
    for number in range(1, ROUNDS + 1):
        pause = time.monotonic() + rng.uniform(0.2, 1.6) * load_seconds / ROUNDS
        wait_until("the next kill", lambda until=pause: time.monotonic() >= until, 60)
        kills_under_load += sender.alive()
        server.kill()
        server = box.serve(f"crashing-{number}", "--config", config, port=port)
    assert sender.wait(150) == 0, sender.err()
    assert kills_under_load >= ROUNDS // 2, f"only {kills_under_load} kills fell under load"
    settle(server)
    print(f"    {total} samples, {kills_under_load} of {ROUNDS} kills under load, "
          f"{sender.err().strip().splitlines()[-1]}")

    assert sent_samples(sender.err()) == total
    incidents, opened = story(server, pages)
    assert server.stop() == 0
    # A request that was journaled but not yet answered when the kill came is there twice.
    kept = journal_samples(box, "crashing")
    assert kept >= calm_samples, f"{calm_samples - kept} acknowledged samples are lost"
    assert sorted(opened) == sorted(calm_opened), "other incidents were paged, or one twice"
    assert len(opened) == len(set(opened)), "an incident was opened twice"
    assert incidents == calm_incidents, "the records differ from those of a run without crashes"
    assert all(alert["state"] == "resolved" for alert in pages.alerts()), pages.alerts()
    pages.check_all_accepted()


HOOK_ROUNDS = 40
HOOK_INCIDENTS = 12
SECRET = b"whsec"


class PagerDuty(threading.Thread):
    """Delivers its webhooks in order, each until it is answered 2xx, some of them once more."""

    def __init__(self, url, events, rng):
        super().__init__(daemon=True)
        self.url, self.events, self.rng = url, events, rng
        self.tries, self.said, self.failure = 0, [], None
        self.over = threading.Event()  # never set: pauses are waits for it

    def deliver(self, body):
        while True:
            self.tries += 1
            try:
                answer = request("POST", self.url, body, {
                    "Content-Type": "application/json",
                    "X-PagerDuty-Signature": hooks.signature(body, SECRET)}, timeout=5)
            except (OSError, http.client.HTTPException):
                self.over.wait(0.02)
                continue
            if answer.status // 100 == 2:
                return answer.json["status"]
            assert answer.status in (429, 503), answer.text
            self.over.wait(0.02)

    def run(self):
        try:
            for body in self.events:
                self.said.append(self.deliver(body))
                if self.rng.random() < 0.3:
                    again = self.deliver(body)
                    assert again == "duplicate", f"{again}: {body}"
                self.over.wait(self.rng.uniform(0, 0.25))
        except BaseException as wrong:  # told by the test
            self.failure = wrong


def what_people_did(keys):
    """Every incident: acknowledged, three notes; the first four resolved, the next four merged."""
    out = []
    for i, key in enumerate(keys):
        def add(make, *more):
            out.append(make(len(out), *more))
        add(hooks.event, "incident.acknowledged", key, None, f"Ada {i}")
        for text in ("first", "second", "third"):
            add(hooks.note, key, f"{text} {i}")
        if i < 4:
            add(hooks.event, "incident.resolved", key, None, f"Bob {i}")
    for i in range(4, 8):
        out.append(hooks.merge(len(out), keys[i], keys[i + 4]))
    return out


def fire_apart(server, names):
    """One incident an alert: they began hours apart, and most of what has ever been is calm."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def post(name, severity, service, began, ends):
        answer = request("POST", server.url + "/api/v2/alerts", json.dumps([{
            "labels": {"alertname": name, "service": service, "severity": severity},
            "startsAt": (now - datetime.timedelta(hours=began)).isoformat(),
            "endsAt": (now + datetime.timedelta(hours=ends)).isoformat()}]),
            {"Content-Type": "application/json"})
        assert answer.status == 200, answer.text
    for ends in (1, -1):
        for i in range(3 * len(names)):
            post("Calm", "info", f"calm-{i}", 90, ends)
        taken = f"{3 * len(names)} {'fired' if ends > 0 else 'ended'}"
        wait_until(taken, lambda until=ends: len([
            row for row in server.get("/api/v1/alerts?limit=1000").json["alerts"]
            if (row["endsAt"] is None) == (until > 0)]) == 3 * len(names))
    for i, name in enumerate(names):
        post(name, "error", f"service-{i}", 2 * (i + 1), 1)


def webhooks_are_neither_lost_nor_doubled(box):
    needs(SANDBOX)
    pages = box.sandbox("hook-pages")
    port = free_port()
    secret = box.write("webhook-secret", SECRET + b"\n")
    config = box.config("hooks", port, pages, SETTINGS + (
        f"pagerduty_webhook:\n  secrets:\n    - secret_file: {secret}\n"))
    server = box.serve("hooks-0", "--config", config, port=port)
    names = [f"Trouble{i}" for i in range(HOOK_INCIDENTS)]
    fire_apart(server, names)

    def paged():
        found = {row["members"][0]["labels"]["alertname"]: row["key"]
                 for row in server.rows("incidents") if row["paged_at"]}
        return [found[name] for name in names] if len(found) == len(names) else None
    keys = wait_until("every alert has paged", paged)
    server.wait_delivered()

    rng = random.Random(SEED)
    sender = PagerDuty(server.url + "/api/v1/pagerduty/webhook", what_people_did(keys), rng)
    sender.start()
    under_way = 0
    for number in range(1, HOOK_ROUNDS + 1):
        pause = time.monotonic() + rng.uniform(0, 0.25)
        wait_until("the next kill", lambda until=pause: time.monotonic() >= until)
        under_way += sender.is_alive()
        server.kill()
        server = box.serve(f"hooks-{number}", "--config", config, port=port)
    sender.join(60)
    assert not sender.is_alive() and sender.failure is None, sender.failure
    assert under_way >= HOOK_ROUNDS // 3, f"only {under_way} kills fell among webhooks"
    print(f"    {len(sender.said)} webhooks, {sender.tries} tries, {under_way} of {HOOK_ROUNDS} "
          f"kills among them, {sender.said.count('duplicate')} were taken and not answered")
    assert set(sender.said) <= {"accepted", "duplicate"}, sender.said
    server.wait_applied()
    server.wait_delivered()
    for i, key in enumerate(keys):
        row = server.get("/api/v1/incidents/" + key).json
        people = row["people"]
        assert people["acknowledged"]["by"] == f"Ada {i}", people
        assert [n["text"] for n in people["notes"]] == [
            f"{text} {i}" for text in ("first", "second", "third")], people["notes"]
        assert people["notes_total"] == 3, people
        assert (people["resolved"] or {}).get("by") == (f"Bob {i}" if i < 4 else None), people
        assert (row["state"] == "merged") == (4 <= i < 8), (i, row["state"])
    verdicts = [(f["verdict"], f["incident"]) for f in server.rows("feedback")]
    assert sorted(v for v in verdicts if v[0] == "merge") == sorted(
        ("merge", key) for key in keys[4:8]), verdicts
    opened = [e["dedup_key"] for e in pages.events() if e["effect"] == "opened"]
    assert sorted(opened) == sorted(hooks.dedup_key(key) for key in keys), "paged again"
    assert server.stop() == 0
    pages.check_all_accepted()


if __name__ == "__main__":
    run(crashes_lose_and_double_nothing, webhooks_are_neither_lost_nor_doubled)
