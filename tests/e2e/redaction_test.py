"""Card numbers, IBANs and e-mail addresses planted wherever a sender can put them reach neither
disk nor logs, metrics, answers and pages; with redaction off the same search finds them."""

import json
import time

from harness import (ROUTING_KEY, SANDBOX, V1, V2, double_field, field, free_port, int_field, needs,
                     request, run, snappy, wait_until, write_v1, write_v2)

# Published test numbers, one for each place, so that a leak names its place.
PLANTED = {
    "value": "4111111111111111", "grouped value": "5555-5555-5555-4444",
    "inside a path": "371449635398431", "label name": "6011111111111117",
    "metric name": "3530111333300000", "iban": "GB82WEST12345698765432",
    "grouped iban": "DE89 3704 0044 0532 0130 00", "e-mail": "jane.doe@example.com",
    "exemplar": "4012888888881881", "refused series": "5105105105105100",
    "refused label name": "6011000990139424", "refused exemplar": "4222222222222",
    "change note": "378282246310005", "change scope": "3566002020360505",
    "change id": "6200000000000005", "refused change": "30569309025904"}
OFF = "redaction:\n  detect: {card_numbers: keep, ibans: keep, emails: keep}\n"
LANE = {
    "psp": "acme " + PLANTED["value"], "route": PLANTED["grouped value"],
    "path": "/pay/" + PLANTED["inside a path"] + "/x", "account": PLANTED["iban"],
    "payee": PLANTED["grouped iban"], "customer": PLANTED["e-mail"],
    "card_" + PLANTED["label name"]: "1"}
METRIC = f"payments_{PLANTED['metric name']}_total"
STEP_MS = 30000


def compact(text):
    for separator in b" -._":
        text = text.replace(bytes([separator]), b"")
    return text.lower()


def leaks(places):
    """(place, what) wherever a planted string stands, as planted or without its separators."""
    found = []
    for place, data in places.items():
        plain, close = data.lower(), compact(data)
        for what, text in PLANTED.items():
            if text.lower().encode() in plain or compact(text.encode()) in close:
                found.append((place, what))
    return found


def start(box, extra):
    sandbox = box.sandbox()
    port = free_port()
    key = box.write("routing-key", ROUTING_KEY + "\n")
    config = box.write("q.yaml", f"""listen: "127.0.0.1:{port}"
data_dir: {box.path / "data"}
log: {{level: debug}}
lateness: 2m
incidents: {{hold: 0s}}
{extra}receivers:
  - {{name: log, type: file, path: {box.path / "pages.jsonl"}}}
  - {{name: pagerduty, type: pagerduty, url: "{sandbox.url}", ca_file: {sandbox.ca},
     routing_key_file: {key}}}
""")
    return box.serve("server", "--config", config, port=port), sandbox


def send_outage(server, end):
    """Three hours of traffic, in time order; in the last half hour nearly everything fails."""
    good, bad = 0, 0
    times = range(end - 3 * 3600000, end + 1, STEP_MS)
    for begin in range(0, len(times), 4):  # within the lateness
        good_points, bad_points = [], []
        for at in times[begin:begin + 4]:
            failing = at > end - 1800000
            good, bad = good + (10 if failing else 200), bad + (190 if failing else 1)
            good_points.append((at, float(good)))
            bad_points.append((at, float(bad)))
        body = write_v2([(dict(LANE, __name__=METRIC, outcome="success"), good_points),
                         (dict(LANE, __name__=METRIC, outcome="failed"), bad_points)])
        answer = request("POST", server.write_url, snappy(body), V2)
        assert answer.status == 204, answer.text


def send_changes(server, onset_ms):
    change = {"time": onset_ms / 1000 - 60, "kind": "deploy", "id": PLANTED["change id"],
              "note": "for card " + PLANTED["change note"] + " by " + PLANTED["e-mail"],
              "account": PLANTED["change scope"]}
    url = server.url + "/api/v1/changes"
    answers = [request("POST", url, json.dumps(change))]
    del change["account"]  # of everything, so that the page names it
    answers.append(request("POST", url, json.dumps(change)))
    assert [a.status for a in answers] == [202, 202], answers[-1].text
    for broken in ({"time": 1, "note": int(PLANTED["refused change"])},
                   {"time": PLANTED["refused change"]}):
        answers.append(request("POST", url, json.dumps(broken)))
        assert answers[-1].status == 400
    return b"\n".join(a.body for a in answers)


def send_refused(server, at):
    """Series and exemplars that are answered with their labels."""
    value, name = PLANTED["refused series"], "card_" + PLANTED["refused label name"]
    pad = "." * 45  # a text cut at 60 bytes would show most of the number
    point = field(2, double_field(1, 1.0) + int_field(2, at))

    def label(key, text):
        return field(1, field(1, key.encode()) + field(2, text))

    def exemplar(text):
        return field(3, label("trace", text) + double_field(2, 1.0) + int_field(3, at))

    named = label("__name__", b"refused_total")
    refused = [write_v1([({"psp": value, name: pad + value}, [(at, 1.0)])]),
               write_v1([({"__name__": "x", "a": value}, [(at + 86400000, 1.0)])]),
               field(1, named + label("a", value.encode() + b"\xff") + point),
               field(1, named + label(name, b"1") + label(name, b"2") + point),
               field(1, named + label(name * 100, b"1") + point),
               field(1, named + label("b", (value.encode() + b" ") * 1000) + point),
               field(1, named + point + exemplar(PLANTED["refused exemplar"].encode() + b"\xff"))]
    answers = []
    for body in refused:
        answers.append(request("POST", server.write_url, snappy(body), V1))
        assert answers[-1].status == 400, answers[-1].text
    answers.append(request("POST", server.write_url,
                           snappy(write_v2([({"psp": value}, [(at, 1.0)])])), V2))
    assert answers[-1].status == 400
    kept = field(1, named + point + exemplar(PLANTED["exemplar"].encode()))
    answers.append(request("POST", server.write_url, snappy(kept), V1))
    assert answers[-1].status == 204, answers[-1].text
    return b"\n".join(a.body for a in answers)


def drive(server, sandbox):
    """The outage up to its page; every answer on the way, by place."""
    end = int(time.time() * 1000) // STEP_MS * STEP_MS
    places = {"answers to changes": send_changes(server, end - 1800000)}
    send_outage(server, end)
    places["answers to refused writes"] = send_refused(server, end)
    wait_until("the page", lambda: sandbox.events("trigger"), 90)
    server.wait_applied()
    server.wait_delivered()
    for name in ("incidents", "alerts", "decisions", "signals", "status"):
        places["/api/v1/" + name] = server.get(f"/api/v1/{name}?limit=1000").body
    incident = server.rows("incidents")[0]["key"]
    places["one incident"] = server.get("/api/v1/incidents/" + incident).body
    places["/metrics"] = server.get("/metrics").body
    places["pages"] = json.dumps(sandbox.state()).encode()
    return places


def files(box):
    """What the server has written: its folder, logs and pages."""
    return {str(path.relative_to(box.path)): path.read_bytes()
            for path in sorted(box.path.rglob("*"))
            if path.is_file() and path.name not in ("q.yaml", "sandbox.pem", "routing-key")}


def metric(places, sample):
    for line in places["/metrics"].decode().splitlines():
        if line.startswith(sample + " "):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError("/metrics has no " + sample)


def redacted(places, kind, action):
    return metric(places, f'quell_redacted_values_total{{kind="{kind}",action="{action}"}}')


def planted_numbers_are_nowhere(box):
    needs(SANDBOX)
    server, sandbox = start(box, "")
    places = drive(server, sandbox)
    places.update({"live " + name: data for name, data in files(box).items()})
    assert server.stop() == 0
    places.update(files(box))
    for name in ("data/quell.db", "data/snapshot.quell", "data/redaction.key", "pages.jsonl",
                 "server.err"):
        assert places.get(name), f"nothing in {name}: the search sees less than it should"
    assert any(name.startswith("data/journal/") and b"redacted-" in data
               for name, data in places.items()), "the journal has no redacted series"
    found = leaks(places)
    assert not found, f"leaked: {found}"

    text = places["pages"].decode()
    assert "redacted" in text, "the page is not about the redacted series: " + text
    assert places["/api/v1/signals"].count(b"payments_redacted_") >= 2, places["/api/v1/signals"]
    for kind, action, least in (("card_number", "hash", 8), ("card_number", "drop", 2),
                                ("card_number", "mask", 2), ("iban", "hash", 4),
                                ("email", "hash", 2), ("email", "mask", 2)):
        count = redacted(places, kind, action)
        assert count >= least, f"{kind} {action}: {count}, at least {least} expected"


def series_keep_their_identity_over_a_restart(box):
    needs(SANDBOX)
    server, sandbox = start(box, "")
    drive(server, sandbox)
    before = [(row["signal"], row["labels"]) for row in server.rows("signals")]
    key = (box.path / "data" / "redaction.key").read_bytes()
    assert server.stop() == 0
    assert len(key) == 32 and (box.path / "data" / "redaction.key").stat().st_mode & 0o777 == 0o600
    port = int(server.url.rsplit(":", 1)[1])
    again = box.serve("again", "--config", box.path / "q.yaml", port=port)
    at = int(time.time() * 1000)
    point = [(dict(LANE, __name__=METRIC, outcome="success"), [(at, 1e6)])]
    assert request("POST", again.write_url, snappy(write_v2(point)), V2).status == 204
    again.wait_applied()
    assert [(row["signal"], row["labels"]) for row in again.rows("signals")] == before
    assert again.stop() == 0


def without_redaction_the_search_finds_them(box):
    needs(SANDBOX)
    server, sandbox = start(box, OFF)
    places = drive(server, sandbox)
    assert server.stop() == 0
    places.update(files(box))
    found = leaks(places)
    for place in ("data/snapshot.quell", "data/quell.db", "pages", "pages.jsonl",
                  "/api/v1/signals"):
        assert (place, "value") in found, f"no leak seen in {place}: {found}"
    assert any(place.startswith("data/journal/") for place, _ in found)
    seen = {what for _, what in found}
    for what in ("label name", "metric name", "iban", "grouped iban", "e-mail", "change note",
                 "change scope", "change id"):
        assert what in seen, f"{what} is planted where nothing shows it"
    # Error texts are masked whatever the configuration says.
    assert not [entry for entry in found if entry[0].startswith("answers")], found


if __name__ == "__main__":
    run(planted_numbers_are_nowhere,
        series_keep_their_identity_over_a_restart,
        without_redaction_the_search_finds_them)
