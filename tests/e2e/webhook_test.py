"""What people do at PagerDuty and over the API, by the built program: signed webhooks, kill -9."""

import datetime
import json
import os
import signal

from harness import SANDBOX, free_port, needs, request, run, wait_until
from pagerduty_hooks import dedup_key, event, foreign_id, signature

SECRET = b"whsec-new"


class World:
    def __init__(self, box, receiver="", script=""):
        needs(SANDBOX)
        self.box = box
        self.pages = box.sandbox("pages", *(["--fail-script", script] if script else []))
        self.port = free_port()
        os.environ["QUELL_TEST_OLD_SECRET"] = "whsec-old"
        secret = box.write("webhook-secret", SECRET + b"\n")
        self.config = box.config("hooks", self.port, self.pages, extra=(
            "pagerduty_webhook:\n  secrets:\n    - secret_env: QUELL_TEST_OLD_SECRET\n"
            f"    - secret_file: {secret}\n"))
        with open(self.config, "a") as more:
            more.write(receiver)
        self.runs = self.events = 0
        self.start()

    def start(self):
        self.runs += 1
        self.quell = self.box.serve(f"hooks-{self.runs}", "--config", self.config, port=self.port)
        wait_until("it is ready", lambda: request("GET", self.quell.url + "/-/ready").status == 200)

    def kill(self):
        self.quell.signal(signal.SIGKILL)
        self.quell.wait()
        self.start()

    def alert(self, name, severity="critical"):
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        body = json.dumps([{"labels": {"alertname": name, "service": "ledger-api",
                                       "severity": severity},
                            "endsAt": ends.isoformat()}])
        answer = request("POST", self.quell.url + "/api/v2/alerts", body,
                         {"Content-Type": "application/json"})
        assert answer.status == 200, answer.text

    def incident(self, name):
        """The open incident that has an alert of that name, once it has paged."""
        def found():
            for row in self.quell.rows("incidents"):
                names = [m["labels"]["alertname"] for m in row["members"]]
                if row["state"] == "open" and row["paged_at"] and name in names:
                    return row
            return None
        return wait_until(f"{name} has paged", found)

    def event(self, kind, key, **more):
        self.events += 1
        data = {"type": "incident", "id": foreign_id(key), "incident_key": dedup_key(key), **more}
        return event(self.events, kind, key, data)

    def hook(self, body, secret=SECRET, header=None):
        answer = request("POST", self.quell.url + "/api/v1/pagerduty/webhook", body,
                         {"Content-Type": "application/json",
                          "X-PagerDuty-Signature": signature(body, secret) if header is None else header})
        said = answer.json
        return answer.status, said["error"]["code"] if "error" in said else said["status"]

    def act(self, key, action, body):
        return request("POST", f"{self.quell.url}/api/v1/incidents/{key}/{action}",
                       json.dumps(body), {"Content-Type": "application/json"})

    def people(self, key):
        self.quell.wait_applied()
        return self.quell.get("/api/v1/incidents/" + key).json.get("people")


def what_people_do_at_pagerduty_shows_and_survives_kill_9(box):
    world = World(box)
    world.alert("Down", "error")
    key = world.incident("Down")["key"]
    world.quell.wait_delivered()
    ack = world.event("incident.acknowledged", key, priority={"summary": "P1"})
    assert world.hook(ack, header="v1=" + "0" * 64) == (401, "bad_signature")
    assert world.hook(ack, secret=b"guess") == (401, "bad_signature")
    assert world.people(key) is None or world.people(key)["acknowledged"] is None
    assert world.hook(ack, secret=b"whsec-old") == (202, "accepted")
    world.kill()
    assert world.people(key)["acknowledged"]["by"] == "Ada"
    assert world.people(key)["acknowledged"]["at"] == "2026-08-22T10:00:00.000Z"
    assert world.people(key)["priority"] == "P1"
    assert world.hook(ack) == (202, "duplicate")
    assert world.hook(world.event("incident.resolved", "elsewhere")) == (202, "unknown")
    assert world.hook("{") == (400, "invalid")
    assert request("POST", world.quell.url + "/api/v1/pagerduty/webhook",
                   "x" * 600_000).status == 413

    # Resolved there: what fires on pages nobody, what is worse does, under another key.
    assert world.hook(world.event("incident.resolved", key)) == (202, "accepted")
    world.kill()
    world.alert("Down", "error")
    assert world.people(key)["resolved"]["by"] == "Ada"
    world.quell.wait_delivered()
    assert len(world.pages.events("trigger")) == 1
    world.alert("Down", "critical")
    wait_until("the linked page", lambda: len(world.pages.events("trigger")) == 2)
    assert world.pages.events("trigger")[1]["event"]["dedup_key"] == dedup_key(key + "#2")
    assert world.people(key)["resolved"] is None
    assert world.quell.metric('quell_linked_pages_total') == 1
    world.pages.check_all_accepted()


def people_act_and_give_feedback_over_the_api(box):
    world = World(box)
    world.alert("QueueDepth")
    key = world.incident("QueueDepth")["key"]
    assert world.act(key, "acknowledge", {"by": "Bob", "text": "looking"}).status == 202
    assert world.people(key)["acknowledged"]["by"] == "Bob"
    assert world.people(key)["notes"][0]["text"] == "looking"
    wait_until("PagerDuty knows", lambda: len(world.pages.events("acknowledge")) == 1)
    told = world.pages.events("acknowledge")[0]["event"]
    assert told == {"routing_key": told["routing_key"], "event_action": "acknowledge",
                    "dedup_key": dedup_key(key)}, told
    # Told back by PagerDuty, and over a crash, it is still one.
    assert world.hook(world.event("incident.acknowledged", key)) == (202, "accepted")
    assert world.people(key)["acknowledged"]["by"] == "Bob"
    world.kill()
    assert world.act(key, "unacknowledge", {"by": "Bob"}).status == 202
    assert world.people(key)["acknowledged"] is None
    world.quell.wait_delivered()
    assert len(world.pages.events("acknowledge")) == 1
    refused = world.act(key, "feedback", {"verdict": "fine"})
    assert refused.status == 400 and "not_an_incident" in refused.json["error"]["message"]
    assert world.act(key, "explode", {}).status == 404
    assert world.act("00ff", "acknowledge", {}).status == 404
    assert world.act(key, "feedback", {"verdict": "not_an_incident", "reason": "batch"}).status == 202
    assert world.act(key, "resolve", {"by": "Bob"}).status == 202
    wait_until("the page resolves", lambda: len(world.pages.events("resolve")) == 1)
    world.kill()
    said = world.quell.rows("feedback")
    assert [(f["verdict"], f["incident"], f["reason"]) for f in said] == [
        ("not_an_incident", key, "batch")]
    assert said[0]["members"][0]["labels"]["alertname"] == "QueueDepth"
    world.quell.wait_delivered()
    assert len(world.pages.events("resolve")) == 1, "resolved twice"
    assert len(world.pages.events("acknowledge")) == 1
    world.pages.check_all_accepted()


def announced_changes_and_dead_letters(box):
    world = World(box, receiver="    change_events: true\n", script="400")
    world.alert("Down")
    wait_until("the page is a dead letter", lambda: world.quell.rows("dead-letters", "dead_letters"))
    letter = world.quell.rows("dead-letters", "dead_letters")[0]
    assert letter["receiver"] == "pagerduty" and letter["notification"]["action"] == "trigger"
    retry = f"{world.quell.url}/api/v1/dead-letters/{letter['id']}/retry"
    assert request("POST", retry, "").status == 202
    wait_until("the page arrives", lambda: len(world.pages.events("trigger")) == 1)
    assert request("POST", retry, "").status == 404
    assert world.quell.rows("dead-letters", "dead_letters") == []
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    change = json.dumps({"kind": "deploy", "service": "payments-api", "time": now, "note": "v1.4"})
    assert request("POST", world.quell.url + "/api/v1/changes", change).status == 202
    wait_until("the change arrives", lambda: world.pages.state()["changes"])
    world.kill()
    world.quell.wait_delivered()
    told = world.pages.state()["changes"]
    assert len(told) == 1 and told[0]["payload"]["source"] == "payments-api", told
    assert told[0]["payload"]["custom_details"]["kind"] == "deploy"


run(what_people_do_at_pagerduty_shows_and_survives_kill_9,
    people_act_and_give_feedback_over_the_api,
    announced_changes_and_dead_letters)
