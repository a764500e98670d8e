"""`replay --static-rules` against a real Prometheus: its pages are those that this script works out by
itself, from one instant query for every evaluation."""

import datetime
import http.server
import json
import threading
import urllib.parse

from harness import PROMETHEUS, PROMTOOL, SOURCE, needs, prometheus_over, quell, request, run, simulate

BEGIN = int(datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc).timestamp())
HISTORY = ("--seed", "8", "--series", "50", "--interval", "60s", "--start", "2026-06-01T00:00:00Z",
           "--duration", "2d", "--quiet-start", "1d", "--incidents-per-week", "0",
           "--lookalikes-per-week", "0", "--inject", "psp_outage,psp=acme,+1d10h,40m",
           "--inject", "psp_outage,psp=acme,+1d18h,30m")
EVALUATE_FROM = "2026-06-02T00:00:00Z"
FAILURES = """sum by (service, region, psp) (rate(payments_total{outcome=~"failed|timeout"}[5m]))
  / sum by (service, region, psp) (rate(payments_total[5m])) > 0.05"""
DROP = "sum by (psp) (rate(payments_total[5m])) < 0.8 * sum by (psp) (rate(payments_total[5m] offset 1h))"
RULES = f"""groups:
  - name: recorded
    rules: [{{record: "psp:payments:rate5m", expr: "sum by (psp) (rate(payments_total[5m]))"}}]
  - name: payments
    interval: 2m
    rules:
      - alert: Failures
        expr: {json.dumps(FAILURES)}
        for: 4m
        labels: {{severity: critical}}
  - name: traffic
    rules:
      - alert: Drop
        expr: {json.dumps(DROP)}
        for: 5m
"""


def history(box):
    simulate(*HISTORY, "--out", box.path / "history")
    return prometheus_over(box, box.path / "history" / "metrics.om")


def replay(box, url, rules, *more):
    folder = box.path / "history"
    return quell("replay", "--quiet", "--no-budgets", "--input", f"openmetrics:{folder / 'metrics.om'}",
                 "--incidents", folder / "incidents.json", "--evaluate-from", EVALUATE_FROM,
                 "--static-rules", rules, "--prometheus", url, "--out", box.path / "out", *more)


def given_at(url, expr, moment):
    answer = request("GET", f"{url}/api/v1/query?time={moment}&query={urllib.parse.quote(expr)}")
    assert answer.status == 200, answer.text
    return {tuple(sorted(row["metric"].items())) for row in answer.json["data"]["result"]}


def alerts_of(url, expr, interval, hold, last):
    """[(labels, start, end)] of a rule; end None = fires on."""
    since, firing, out = {}, {}, []
    for moment in range(BEGIN, last + 1, interval):
        given = given_at(url, expr, moment)
        for labels in [one for one in since if one not in given]:
            del since[labels]
            if labels in firing:
                out.append((labels, firing.pop(labels), moment))
        for labels in given:
            if moment - since.setdefault(labels, moment) >= hold:
                firing.setdefault(labels, moment)
    return out + [(labels, start, None) for labels, start in firing.items()]


def pages_of(alerts, last):
    """When the pages of one group are sent, with a group_wait of 30 s and a group_interval of 5 min."""
    pages, waiting = [], sorted(alerts, key=lambda alert: alert[1])
    while waiting:
        flush, members, paged = waiting[0][1] + 30, [], False
        while flush <= last:
            members += [one for one in waiting if one[1] <= flush]
            waiting = [one for one in waiting if one[1] > flush]
            if all(end is not None and end <= flush for _, _, end in members):
                break
            if not paged:
                pages.append(flush)
            paged = True
            flush += 300
        if flush > last:
            break
    return pages


def seconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def pages_are_those_of_an_evaluation_by_hand(box):
    needs(PROMETHEUS, PROMTOOL)
    url = history(box)
    done = replay(box, url, box.write("rules.yml", RULES))
    assert done.returncode == 0, done.stderr
    report = json.loads((box.path / "out" / "report.json").read_text())
    given = report["static_rules"]
    last = seconds(report["data"]["last"])
    begin = seconds(EVALUATE_FROM)
    want = {}
    for name, expr, interval, hold in [("Failures", FAILURES, 120, 240), ("Drop", DROP, 60, 300)]:
        alerts = alerts_of(url, expr, interval, hold, last)
        want[name] = [at for at in pages_of(alerts, last) if at >= begin]
        rule, = [one for one in given["rules"] if one["name"] == name]
        assert rule["alerts"] == sum(start >= begin for _, start, _ in alerts), (rule, alerts)
        assert rule["pages"] == len(want[name]), (rule, want)
        got = [seconds(page["start"]) for page in given["pages"] if page["rule"] == name]
        assert got == want[name], (name, got, want[name])
    print(f"    pages: {want}")
    assert len(want["Failures"]) >= 2 and want["Drop"], want
    assert given["scores"]["pages"] == sum(map(len, want.values()))
    incidents = json.loads((box.path / "history" / "incidents.json").read_text())["incidents"]
    caught = sum(any(seconds(one["start"]) <= at <= seconds(one["end"]) for at in want["Failures"])
                 for one in incidents)
    assert (len(incidents), given["scores"]["caught"]) == (2, caught), given["scores"]
    assert caught == 2, given["scores"]
    assert any("1 recording rule" in note for note in given["notes"]), given["notes"]
    for words in ("static rules\n", "Failures  ", "Drop  "):
        assert words in done.stdout, done.stdout
    assert 'id="static-rules"' in (box.path / "out" / "report.html").read_text()

    finer = replay(box, url, box.path / "rules.yml", "--static-group-by", "alertname,region",
                   "--static-pages-for", '{severity="critical"}')
    assert finer.returncode == 0, finer.stderr
    given = json.loads((box.path / "out" / "report.json").read_text())["static_rules"]
    assert all('region="' in page["id"] and page["rule"] == "Failures" for page in given["pages"])
    assert len(given["pages"]) >= len(want["Failures"]), given["pages"]
    example = replay(box, url, SOURCE / "configs" / "examples" / "static-rules.yml")
    assert example.returncode == 0, example.stderr
    assert "PaymentFailureRatio" in example.stdout, example.stdout
    what_the_server_refuses_is_told(box, url)


def what_the_server_refuses_is_told(box, url):
    bad = box.write("bad.yml", "groups:\n  - name: g\n    rules:\n      - alert: Typo\n"
                               "        expr: sum(rate(payments_total[5m])\n")
    done = replay(box, url, bad)
    assert done.returncode == 1, done
    for words in (f"Typo at {bad}:4: ", "status 400", "parse error"):
        assert words in done.stderr, done.stderr
    assert "Scored" not in done.stdout, "it replayed first"


class AwayAfterTheFirst(http.server.BaseHTTPRequestHandler):
    """Answers one query, then refuses."""

    def do_POST(self):
        self.server.asked += 1
        body = (b'{"status":"success","data":{"resultType":"matrix","result":[]}}'
                if self.server.asked == 1 else b"gone")
        self.send_response(200 if self.server.asked == 1 else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def a_server_that_fails_on_the_way_costs_the_rules_and_not_the_report(box):
    simulate(*HISTORY, "--out", box.path / "history")
    rules = box.write("one.yml", "groups: [{name: g, rules: [{alert: Any, expr: up}]}]\n")
    with http.server.HTTPServer(("127.0.0.1", 0), AwayAfterTheFirst) as server:
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = replay(box, f"http://127.0.0.1:{server.server_port}", rules)
        server.shutdown()
    assert done.returncode == 1, done
    assert f"Any at {rules}:1: " in done.stderr and 'status 500 "gone"' in done.stderr, done.stderr
    assert "Scored" in done.stdout and "static rule" not in done.stdout, done.stdout
    report = json.loads((box.path / "out" / "report.json").read_text())
    assert report["scores"]["incidents"] == 2 and "static_rules" not in report, report


def wrong_command_lines_say_what_is_wrong(box):
    rules = box.write("rules.yml", RULES)
    token = box.write("token", "t0ken\n")
    broken = box.write("broken.yml", "groups:\n  - name: g\n    rulez: []\n")
    metrics = box.write("metrics.om", "up 1 1786320000\n# EOF\n")
    base = ("replay", "--quiet", "--input", f"openmetrics:{metrics}", "--out", box.path / "out")
    for arguments, words, code in [
            (("--static-rules", rules), "--prometheus", 2),
            (("--prometheus", "http://127.0.0.1:1"), "--static-rules", 2),
            (("--static-rules", rules, "--prometheus", "http://u:secret@127.0.0.1:1"),
             "--basic-auth-file", 1),
            (("--static-rules", broken, "--prometheus", "http://127.0.0.1:1"),
             f"{broken}:3:5: unknown key \"rulez\"", 1),
            (("--static-rules", rules, "--prometheus", "http://127.0.0.1:1",
              "--basic-auth-file", token), "must hold user:password", 1),
            (("--static-rules", rules, "--prometheus", "http://127.0.0.1:1",
              "--static-pages-for", "{a"), "--static-pages-for", 1)]:
        done = quell(*base, *arguments)
        assert done.returncode == code, (arguments, done)
        assert words in done.stderr, (arguments, done.stderr)
        assert "secret" not in done.stderr and "t0ken" not in done.stderr, done.stderr


if __name__ == "__main__":
    run(pages_are_those_of_an_evaluation_by_hand,
        a_server_that_fails_on_the_way_costs_the_rules_and_not_the_report, wrong_command_lines_say_what_is_wrong)
