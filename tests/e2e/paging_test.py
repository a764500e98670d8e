"""Paging through storms and crashes, over HTTPS, by the built program.

The outbox is filled through the store (docs/formats/store.md) while Quell is down, as if a pipeline
had decided so. QUELL_LONG=1 runs the whole storm (five minutes) and 300 kills instead of 20.
"""

import datetime
import hashlib
import json
import os
import random
import sqlite3
import struct
import time

from harness import SANDBOX, free_port, needs, run, wait_until

LONG = "QUELL_LONG" in os.environ
ROUNDS = 300 if LONG else 20
SEED = 23
HANGS_MAX = 4  # each holds one of the server's threads for good
AT = 1787392800000
URGENCY = {"critical": 0, "trigger": 1, "resolve": 2, "update": 3}


def prefixed(text):
    return struct.pack("<I", len(text)) + text.encode()


def dedup_key(page):
    return "quell-" + hashlib.sha256(prefixed("quell-dedup-1") + prefixed(page)).hexdigest()


def body(action, key, severity):
    return json.dumps({
        "version": 1, "action": action, "incident_key": key, "at_ms": AT, "onset_ms": AT,
        "severity": severity, "summary": f"{key} fails", "scope": {"psp": key}, "source": key,
        "component": "", "group": "", "class": "ratio", "evidence": [], "members": [],
        "members_total": 0, "changes": [], "link": ""})


class Outbox:
    """Rows are added while Quell is down: one process a store."""

    def __init__(self, box, name):
        self.path = box.path / f"{name}-data" / "quell.db"

    def add(self, rows):
        with sqlite3.connect(self.path) as store:
            last = store.execute("SELECT last_sequence FROM progress").fetchone()[0]
            for action, key, severity in rows:
                last += 1
                urgency = URGENCY[action if action != "trigger" or severity != "critical"
                                  else "critical"]
                store.execute("INSERT INTO outbox (sequence, at_ms, incident_key, body, urgency) "
                              "VALUES (?, ?, ?, ?, ?)",
                              (last, AT, key, body(action, key, severity), urgency))
            store.execute("UPDATE progress SET last_sequence = ?", (last,))
        store.close()

    def count(self, table, where="1"):
        store = sqlite3.connect(self.path)
        found = store.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]
        store.close()
        return found


def prepared(box, name, pages):
    """A configuration and the empty store of a Quell that ran once."""
    port = free_port()
    config = box.config(name, port, pages)
    first = box.serve(name + "-first", "--config", config, port=port)
    assert first.stop() == 0
    return config, port, Outbox(box, name)


def received(event):
    return datetime.datetime.fromisoformat(event["received"].replace("Z", "+00:00")).timestamp()


def a_storm_of_600_incidents(box):
    needs(SANDBOX)
    pages = box.sandbox("pages", "--per-minute", "120")
    config, port, outbox = prepared(box, "storm", pages)
    outbox.add([("trigger", f"k{i}", "critical" if i >= 570 else "warning") for i in range(600)])
    begun = time.time()
    quell = box.serve("storm", "--config", config, port=port)
    wait_until("the first minute's pages", lambda: len(pages.events()) >= 114, 60)
    if LONG:
        wait_until("all pages", lambda: len(pages.events()) >= 600, 400)
    state = pages.state()
    events = state["events"]
    severities = [e["event"]["payload"]["severity"] for e in events]
    assert severities[:30] == ["critical"] * 30, "critical pages do not go first"
    assert all(s == "warning" for s in severities[30:])
    assert state["requests"] <= 1.05 * len(events), f"{state['requests']} for {len(events)}"
    assert state["rate_limited"] == 0
    # What is to wake somebody now does not wait for the minute to pass.
    print(f"    {state['requests']} requests for {len(events)} events; first critical "
          f"{received(events[0]) - begun:.2f} s after the start, last event "
          f"{received(events[-1]) - begun:.1f} s")
    quell.kill()


def kills_lose_and_double_no_page(box):
    needs(SANDBOX)
    rng = random.Random(SEED)
    faults = ["pass"] * 6 + ["503", "reset", "take_reset", "429:1", "500", "hang", "take_reset"]
    script = [rng.choice(faults) for _ in range(ROUNDS * 4)]
    hangs = [i for i, fault in enumerate(script) if fault == "hang"]
    for i in hangs[HANGS_MAX:]:
        script[i] = "reset"
    script = ",".join(script)
    pages = box.sandbox("pages", "--fail-script", script)
    config, port, outbox = prepared(box, "crashing", pages)
    with open(config, "a") as more:  # the limit is the storm's business
        more.write("    requests_per_minute: 10000\n")
    open_keys, resolved, made = [], [], 0
    for number in range(ROUNDS):
        rows = []
        for _ in range(rng.randint(1, 5)):
            made += 1
            open_keys.append(f"k{made}")
            rows.append(("trigger", f"k{made}", rng.choice(["critical", "error"])))
        while open_keys and rng.random() < 0.6:
            key = open_keys.pop(rng.randrange(len(open_keys)))
            resolved.append(key)
            rows += [("update", key, "error")] * rng.randint(0, 2) + [("resolve", key, "error")]
        outbox.add(rows)
        quell = box.serve(f"crashing-{number}", "--config", config, port=port)
        until = time.monotonic() + rng.uniform(0, 0.4)
        wait_until("the next kill", lambda: time.monotonic() >= until)
        quell.kill()
    outbox.add([("resolve", key, "error") for key in open_keys[::2]])
    resolved += open_keys[::2]
    quell = box.serve("crashing-last", "--config", config, port=port)
    quell.wait_delivered(seconds=200)
    state = pages.state()
    assert quell.stop() == 0
    opened = [e["dedup_key"] for e in state["events"] if e["effect"] == "opened"]
    want = {dedup_key(f"k{i + 1}") for i in range(made)}
    assert set(opened) == want, f"lost {len(want - set(opened))}, unknown {len(set(opened) - want)}"
    states = {}
    for alert in state["alerts"]:
        states.setdefault(alert["dedup_key"], []).append(alert["state"])
    for key in resolved:
        assert set(states[dedup_key(key)]) == {"resolved"}, f"the resolve of {key} is lost"
    still = [k for k, s in states.items() if s != ["resolved"]]
    assert len(still) == made - len(resolved), "a page is open that should not be, or the reverse"
    doubled = len(opened) - len(set(opened))
    assert doubled == 0, f"{doubled} pages opened again after their resolve"
    assert outbox.count("dead_letters") == 0
    print(f"    {ROUNDS} kills, {made} triggers, {len(resolved)} resolves: none lost, none doubled; "
          f"{state['requests']} requests")


if __name__ == "__main__":
    run(a_storm_of_600_incidents, kills_lose_and_double_no_page)
