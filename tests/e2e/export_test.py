"""Signals' series as Prometheus gets them: the page to scrape, remote write out, the dashboard."""

import json
import re
import subprocess

from harness import (PROMETHEUS, PROMTOOL, SOURCE, free_port, needs, request, run, simulate,
                     wait_until)

HISTORY = ("--seed", "5", "--services", "2", "--regions", "2", "--psps", "2", "--instances", "1",
           "--interval", "30s", "--start", "now-12h", "--duration", "12h", "--quiet-start", "12h",
           "--incidents-per-week", "0", "--lookalikes-per-week", "0", "--batch", "20000")
FAMILIES = {"quell_signal_" + name
            for name in ("value", "expected", "expected_low", "expected_high", "score")}


def serve(box, extra=""):
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port, extra=extra), port=port)
    simulate(*HISTORY, "--remote-write", server.write_url)
    server.wait_applied()
    return server


def samples(page):
    """Family -> lines, of a page in the text format."""
    out = {}
    for line in page.splitlines():
        if not line.startswith("#"):
            out.setdefault(re.match(r"[a-zA-Z_:][a-zA-Z0-9_:]*", line).group(), []).append(line)
    return out


def pages_are_as_prometheus_wants_them(box):
    needs(PROMTOOL)
    server = serve(box)
    for path in ("/metrics", "/metrics/signals"):
        checked = subprocess.run([PROMTOOL, "check", "metrics"], input=server.get(path).body,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        assert checked.returncode == 0, f"{path}: {checked.stdout.decode()}"


def the_page_tells_what_the_api_tells(box):
    server = serve(box)
    page = samples(server.get("/metrics/signals").text)
    assert FAMILIES <= set(page), f"missing: {FAMILIES - set(page)}"
    rows = [row for row in server.rows("signals") if row["state"] in ("live", "zero", "late")]
    assert rows and len(rows) == len(page["quell_signal_value"])
    assert page["quell_signals_exported"] == [f"quell_signals_exported {len(rows)}"]
    assert page["quell_signals_left_out"] == ["quell_signals_left_out 0"]
    values = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
              for family in FAMILIES for line in page[family]}
    for row in rows:
        labels = dict(row["labels"], signal=row["signal"])
        text = "{" + ",".join(f'{name}="{labels[name]}"' for name in sorted(labels)) + "}"
        assert abs(values["quell_signal_value" + text] - row["value"]) < 1e-9
        if row["verdict"] not in ("insufficient_evidence", "static_limit"):
            assert abs(values["quell_signal_expected" + text] - row["expected"]) < 1e-9
            assert row["band"][0] <= row["band"][1]


def signals_beyond_the_bound_are_counted(box):
    server = serve(box, "export:\n  signals_max: 3\n")
    page = samples(server.get("/metrics/signals").text)
    assert len(page["quell_signal_value"]) == 3
    assert int(page["quell_signals_left_out"][0].split()[1]) > 0


def it_can_be_turned_off(box):
    port = free_port()
    server = box.serve("server", "--config",
                       box.config("q", port, extra="export:\n  enabled: false\n"), port=port)
    assert request("GET", server.url + "/metrics/signals").status == 404
    assert request("GET", server.url + "/metrics").status == 200


def series_are_written_out_to_a_prometheus(box):
    needs(PROMETHEUS)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = f"export:\n  remote_write:\n    url: {url}/api/v1/write\n    interval: 1s\n"
    server = serve(box, settings)
    wait_until("writing fails while nobody is there",
               lambda: server.metric("quell_export_failures_total") > 0)
    prometheus = box.start("prometheus", PROMETHEUS, "--web.enable-remote-write-receiver",
                           f"--config.file={box.write('p.yml', 'global: {}')}",
                           f"--storage.tsdb.path={box.path / 'tsdb'}",
                           f"--web.listen-address=127.0.0.1:{port}")

    def counted():
        assert prometheus.alive(), prometheus.err()
        try:
            answer = request("GET", url + "/api/v1/query?query=last_over_time("
                             "quell_signal_value%5B1h%5D)")
        except OSError:
            return False
        return answer.status == 200 and len(answer.json["data"]["result"])
    wanted = len(samples(server.get("/metrics/signals").text)["quell_signal_value"])
    wait_until("Prometheus has every signal", lambda: counted() == wanted)
    refused = [line for line in server.get("/metrics").text.splitlines()
               if line.startswith("quell_export_samples_total") and "sent" not in line]
    assert [line.rsplit(" ", 1)[1] for line in refused] == ["0", "0"], refused


def the_dashboard_names_only_what_there_is(box):
    server = serve(box)
    there = set(samples(server.get("/metrics").text)) | set(
        samples(server.get("/metrics/signals").text))
    dashboard = json.loads((SOURCE / "configs" / "grafana" / "quell.json").read_text())
    texts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    texts += [variable["definition"] for variable in dashboard["templating"]["list"]
              if variable["type"] == "query"]
    named = {name for text in texts for name in re.findall(r"\bquell_[a-z_]+", text)}
    assert FAMILIES <= named and len(named) > 15, named
    assert named <= there, f"there is no {sorted(named - there)}"
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))


if __name__ == "__main__":
    run(pages_are_as_prometheus_wants_them, the_page_tells_what_the_api_tells,
        signals_beyond_the_bound_are_counted, it_can_be_turned_off,
        series_are_written_out_to_a_prometheus, the_dashboard_names_only_what_there_is)
