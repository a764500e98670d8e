"""Quell in Alertmanager's place: the real Prometheus fires a rule and lets it end, the real amtool
adds alerts, asks for them and silences them, and nothing acknowledged is lost to kill -9."""

import datetime
import json
import signal
import subprocess
import time

from harness import (PROMETHEUS, SANDBOX, TOOLS, free_port, needs, request, run, wait_until)

AMTOOL = str(TOOLS / "prometheus-alertmanager" / "usr" / "bin" / "amtool")
JSON = {"Content-Type": "application/json"}
SETTINGS = """incidents:
  resolve_after: 2s
"""
PROMETHEUS_CONFIG = """global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels: {{cluster: c1}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: self
    static_configs:
      - targets: ["127.0.0.1:{port}"]
alerting:
  alertmanagers:
    - static_configs:
        - targets: ["{quell}"]
"""
RULES = """groups:
  - name: payments
    rules:
      - alert: HighLatency
        expr: {expr}
        labels: {{severity: critical, psp: acme}}
        annotations: {{summary: "p99 is {{{{ $value }}}} s"}}
"""


def serve(box, name="q", pages=None, settings=SETTINGS, port=None):
    port = port or free_port()
    return box.serve(name, "--config", box.config(name, port, pages, settings), port=port)


def at(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def post(server, alerts):
    return request("POST", server.url + "/api/v2/alerts", json.dumps(alerts), JSON)


def alerts_of(server, query=""):
    return server.get("/api/v2/alerts" + query).json


def names(alerts):
    return sorted(alert["labels"]["alertname"] for alert in alerts)


def amtool(server, *arguments, code=0):
    done = subprocess.run([AMTOOL, "--alertmanager.url", server.url, *arguments], timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == code, f"amtool {arguments}: {done.returncode} {done.stderr}"
    return done.stdout


def prometheus_fires_a_rule_and_it_ends(box):
    needs(PROMETHEUS, SANDBOX)
    pages = box.sandbox()
    server = serve(box, pages=pages)
    rules = box.write("rules.yml", RULES.format(
        expr=f"vector(2.1) and on() vector(time()) < {time.time() + 20:.0f}"))
    port = free_port()
    config = box.write("prometheus.yml", PROMETHEUS_CONFIG.format(
        rules=rules, port=port, quell=server.url.removeprefix("http://")))
    url = f"http://127.0.0.1:{port}"
    prometheus = box.start("prometheus", PROMETHEUS, f"--config.file={config}",
                           f"--storage.tsdb.path={box.path / 'tsdb'}",
                           "--rules.alert.resend-delay=2s",
                           f"--web.listen-address=127.0.0.1:{port}")

    def metric(name):
        try:
            text = request("GET", url + "/metrics").text
        except OSError:
            return 0
        assert prometheus.alive(), prometheus.err()
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))

    wait_until("the page", lambda: pages.events("trigger"), 60)
    page = pages.events("trigger")[0]["event"]
    assert page["payload"]["severity"] == "critical", page
    assert "HighLatency" in page["payload"]["summary"], page
    assert "p99 is 2.1 s" in page["payload"]["summary"], page
    alert = alerts_of(server, "?filter=alertname%3D%22HighLatency%22")[0]
    assert alert["labels"]["cluster"] == "c1" and alert["labels"]["psp"] == "acme", alert
    assert alert["generatorURL"].startswith("http"), alert
    assert alert["status"]["state"] == "active", alert
    assert metric("prometheus_notifications_sent_total") >= 1
    assert metric("prometheus_notifications_errors_total") == 0

    wait_until("the resolve", lambda: pages.events("resolve"), 90)
    assert server.metric("quell_alerts_received_expired_total") == 0, "Prometheus said that it ended"
    assert alerts_of(server) == []
    opened = [e for e in pages.events() if e["effect"] == "opened"]
    assert len(opened) == 1, opened
    pages.check_all_accepted()
    assert metric("prometheus_notifications_errors_total") == 0


def amtool_adds_and_asks_for_alerts(box):
    needs(AMTOOL)
    server = serve(box)
    amtool(server, "alert", "add", "HighLatency", "psp=acme", "severity=critical",
           "--annotation=summary=slow", "--generator-url=http://prom/graph")
    amtool(server, "alert", "add", "alertname=QueueDeep", "queue=ledger", "severity=warning")
    shown = json.loads(amtool(server, "alert", "query", "-o", "json"))
    assert names(shown) == ["HighLatency", "QueueDeep"], shown
    assert shown[0]["receivers"] == [{"name": "console"}], shown
    shown = json.loads(amtool(server, "alert", "query", "-o", "json", "psp=~ac.*"))
    assert names(shown) == ["HighLatency"], shown
    assert shown[0]["annotations"] == {"summary": "slow"}, shown
    assert "HighLatency" in amtool(server, "alert", "query", "HighLatency")
    assert "http://prom/graph" in amtool(server, "alert", "query", "-o", "extended")
    assert json.loads(amtool(server, "alert", "query", "-o", "json", "--receiver=pd")) == []
    # An end that has passed is over.
    amtool(server, "alert", "add", "HighLatency", "psp=acme", "severity=critical",
           f"--end={at(-1)}")
    assert names(json.loads(amtool(server, "alert", "query", "-o", "json"))) == ["QueueDeep"]


def amtool_reads_status_and_configuration(box):
    needs(AMTOOL)
    server = serve(box, settings=SETTINGS + "alerts: {group_by: [psp]}\n")
    shown = amtool(server, "config", "show")
    assert "receivers" in shown and "console" in shown, shown
    assert "console" in amtool(server, "config", "routes", "show")
    assert "console" in amtool(server, "config", "routes", "test", "psp=acme")
    # What it reads as a configuration is one to its checker, too.
    text = server.get("/api/v2/status").json["config"]["original"]
    path = box.write("am.yml", text)
    assert "SUCCESS" in amtool(server, "check-config", str(path))
    assert "disabled" in amtool(server, "cluster", "show")


def amtool_silences(box):
    needs(AMTOOL, SANDBOX)
    pages = box.sandbox()
    server = serve(box, pages=pages)
    made = amtool(server, "silence", "add", "psp=acme", "alertname=~High.*", "--author=sre",
                  "--comment=deploy", "--duration=1h").strip()
    assert made in amtool(server, "silence", "query")
    assert post(server, [{"labels": {"alertname": "HighLatency", "psp": "acme"}},
                         {"labels": {"alertname": "HighLatency", "psp": "globex"}}]).status == 200
    wait_until("a page of what is not silenced", lambda: pages.events("trigger"))
    shown = json.loads(amtool(server, "alert", "query", "-o", "json", "--silenced"))
    assert len(shown) == 1 and shown[0]["labels"]["psp"] == "acme", shown
    assert shown[0]["status"] == {"inhibitedBy": [], "mutedBy": [], "silencedBy": [made],
                                  "state": "suppressed"} or made in shown[0]["status"]["silencedBy"]
    wait_until("what became of the silenced alert",
               lambda: server.get("/api/v1/alerts?reason=silenced").json["alerts"])
    assert len(pages.events("trigger")) == 1, pages.events()
    assert "globex" in pages.events("trigger")[0]["event"]["payload"]["summary"]

    amtool(server, "silence", "update", made, "--duration=2h", "--comment=longer")
    listed = json.loads(amtool(server, "silence", "query", "-o", "json"))
    assert [s["comment"] for s in listed] == ["longer"], listed
    current = listed[0]["id"]
    amtool(server, "silence", "expire", current)
    assert json.loads(amtool(server, "silence", "query", "-o", "json")) == []
    assert current in amtool(server, "silence", "query", "--expired")
    assert amtool(server, "silence", "query", "--expired", "-q", "psp=acme").strip()
    # It fires still: now it pages.
    wait_until("the page", lambda: len(pages.events("trigger")) == 2, 30)

    silences = json.dumps([{"matchers": [{"name": "a", "value": "b", "isRegex": False}],
                            "startsAt": at(0), "endsAt": at(3600), "createdBy": "i",
                            "comment": "imported"}])
    path = box.write("silences.json", silences)
    amtool(server, "silence", "import", str(path))
    assert "imported" in amtool(server, "silence", "query")


def kill_loses_no_alert_no_silence_and_no_resolve(box):
    needs(SANDBOX)
    pages = box.sandbox()
    port = free_port()
    server = serve(box, pages=pages, port=port)
    silence = {"matchers": [{"name": "psp", "value": "quiet", "isRegex": False}],
               "startsAt": at(0), "endsAt": at(3600), "createdBy": "sre", "comment": "c"}
    for round_ in range(4):
        kept = {f"A{round_}-{i}" for i in range(20)}
        alerts = [{"labels": {"alertname": name, "zone": name, "psp": "acme", "severity": "critical"},
                   "endsAt": at(600)} for name in sorted(kept)]
        alerts.append({"labels": {"alertname": f"Q{round_}", "psp": "quiet"}, "endsAt": at(600)})
        made = request("POST", server.url + "/api/v2/silences", json.dumps(silence), JSON)
        assert made.status == 200, made.text
        assert post(server, alerts).status == 200
        if round_ % 2:  # once paged; once before anything was decided
            wait_until("a page", lambda: pages.events("trigger"))
        server.signal(signal.SIGKILL)
        server.wait()
        server = serve(box, name="q", pages=pages, port=port)
        listed = server.get("/api/v2/silences").json
        assert made.json["silenceID"] in [s["id"] for s in listed], listed
        assert kept <= set(names(alerts_of(server))), alerts_of(server)
        quiet = alerts_of(server, f"?filter=alertname%3DQ{round_}")
        assert made.json["silenceID"] in quiet[0]["status"]["silencedBy"], quiet
        wait_until("the page", lambda: pages.events("trigger"))
        # The resolve is acknowledged, then the engine is killed at once.
        for alert in alerts:
            alert["endsAt"] = at(-0.001)
            alert["startsAt"] = at(-1)
        assert post(server, alerts).status == 200
        server.signal(signal.SIGKILL)
        server.wait()
        server = serve(box, name="q", pages=pages, port=port)
        assert alerts_of(server) == []
        wait_until("all pages are resolved",
                   lambda: all(a["state"] == "resolved" for a in pages.alerts()), 60)
    triggers = pages.events("trigger")
    keys = {e["event"]["dedup_key"] for e in triggers}
    opened = [e for e in pages.events() if e["effect"] == "opened"]
    assert len(opened) == len(keys), "a page was sent again under another key"
    assert not any("quiet" in e["event"]["payload"]["summary"] for e in triggers), triggers
    pages.check_all_accepted()


def bad_input_is_answered_as_alertmanager_does(box):
    server = serve(box)
    url = server.url + "/api/v2/alerts"
    rows = [
        ("POST", url, "{}", JSON, 400, '{"code":400,"message":"parsing alerts body from'),
        ("POST", url, "not json", JSON, 400, '{"code":400,"message":"parsing alerts body from'),
        ("POST", url, "[]", {"Content-Type": "text/plain"}, 415, '{"code":415,"message":"unsupported'),
        ("POST", url, '[{"annotations":{}}]', JSON, 422,
         '{"code":602,"message":"0.labels in body is required"}'),
        ("POST", url, '[{"labels":{}}]', JSON, 400, '"at least one label pair required"'),
        ("POST", url, '[{"labels":{"0bad-name":"x"}}]', JSON, 400,
         '"invalid label set: invalid name \\"0bad-name\\""'),
        ("GET", url + "?filter=nonsense", None, {}, 400, '"bad matcher format: nonsense"'),
        ("GET", url + "?receiver=(", None, {}, 400, '"failed to parse receiver param'),
        ("GET", server.url + "/api/v2/silence/x", None, {}, 422, '{"code":601'),
        ("GET", server.url + "/api/v2/silence/12345678-9abc-4def-8123-456789abcdef", None, {}, 404,
         '"silence not found"'),
        ("DELETE", server.url + "/api/v2/silence/12345678-9abc-4def-8123-456789abcdef", None, {}, 404,
         '"silence not found"'),
        ("POST", server.url + "/api/v2/silences", "{}", JSON, 422, '{"code":602'),
        ("PUT", url, "[]", JSON, 405, ""),
    ]
    for method, where, body, headers, status, text in rows:
        answer = request(method, where, body, headers)
        assert (answer.status, answer.text[:len(text)]) == (status, text), (where, body, answer.text)
    assert alerts_of(server) == []
    assert post(server, []).status == 200
    mixed = post(server, [{"labels": {}}, {"labels": {"alertname": "GoodInMixedBatch"}}])
    assert mixed.status == 400, mixed.text
    assert names(alerts_of(server)) == ["GoodInMixedBatch"]
    good = post(server, [{"labels": {"alertname": "Min"}}])
    assert (good.status, good.body) == (200, b"")
    assert "5bdac2709f50992a" in [a["fingerprint"] for a in alerts_of(server)]
    groups = server.get("/api/v2/alerts/groups").json
    assert len(groups) == 1 and len(groups[0]["alerts"]) == 2, groups
    assert server.get("/api/v2/receivers").json == [{"name": "console"}]
    assert server.metric('quell_alerts_posted_total{result="invalid"}') == 3


if __name__ == "__main__":
    run(prometheus_fires_a_rule_and_it_ends, amtool_adds_and_asks_for_alerts,
        amtool_reads_status_and_configuration, amtool_silences,
        kill_loses_no_alert_no_silence_and_no_resolve,
        bad_input_is_answered_as_alertmanager_does)
