"""A real Prometheus scrapes a live exporter and remote-writes to Quell: a payment provider fails,
one page reaches a PagerDuty-compatible server; it recovers, the page resolves."""

import time

from harness import (PROMETHEUS, QUELL, SANDBOX, free_port, needs, request, run, simulate,
                     wait_until)

# Three regions in their time zones: somewhere it is always day, whenever this test runs.
PLATFORM = ("--seed", "2", "--services", "2", "--regions", "3", "--psps", "2", "--instances", "1")
SETTINGS = """step: 2s
lateness: 2s
incidents:
  hold: 4s
  resolve_after: 10s
discovery:
  enabled: false
signals:
  - name: payment failures
    type: ratio
    bad: payments_total{outcome=~"failed|timeout"}
    total: payments_total
    by: [psp]
    min_abs_deviation: 0.02
"""
PROMETHEUS_CONFIG = """global:
  scrape_interval: 1s
scrape_configs:
  - job_name: payments
    static_configs:
      - targets: ["127.0.0.1:{exporter}"]
remote_write:
  - url: {write_url}
    queue_config:
      batch_send_deadline: 1s
"""


def start_prometheus(box, exporter, write_url):
    config = box.write("prometheus.yml",
                       PROMETHEUS_CONFIG.format(exporter=exporter, write_url=write_url))
    port = free_port()
    prometheus = box.start("prometheus", PROMETHEUS, f"--config.file={config}",
                           f"--storage.tsdb.path={box.path / 'tsdb'}",
                           f"--web.listen-address=127.0.0.1:{port}")

    def ready():
        assert prometheus.alive(), prometheus.err()
        try:
            return request("GET", f"http://127.0.0.1:{port}/-/ready").status == 200
        except OSError:
            return False
    wait_until("Prometheus is ready", ready)
    return prometheus


def names(server):
    return {(row["signal"], str(row["labels"])) for row in server.rows("signals")}


def one_outage_is_one_page_and_its_resolve(box):
    needs(PROMETHEUS, SANDBOX)
    pages = box.sandbox()
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port, pages, SETTINGS), port=port)
    exporter_port = free_port()
    exporter = box.start("exporter", QUELL, "simulate", *PLATFORM, "--serve",
                         f"127.0.0.1:{exporter_port}")
    wait_until("the exporter serves", lambda: "serving http" in exporter.err())

    # What it would have learned in the hours before, from a sender with other instance labels.
    simulate(*PLATFORM, "--start", "now-4h", "--duration", "4h", "--interval", "2s",
             "--quiet-start", "4h", "--incidents-per-week", "0", "--lookalikes-per-week", "0",
             "--batch", "20000", "--remote-write", server.write_url)
    server.wait_applied()
    learned = names(server)
    assert len(learned) == 2, f"one signal a provider: {learned}"

    start_prometheus(box, exporter_port, server.write_url)
    caught_up = lambda: server.metric("quell_event_time_lag_seconds") < 5
    wait_until("samples from Prometheus", caught_up)
    live_since = time.monotonic()
    wait_until("half a minute of ordinary traffic", lambda: time.monotonic() > live_since + 25)
    assert caught_up(), "Prometheus fell behind"
    strange = names(server) - learned
    assert not strange, f"Prometheus' series feed other signals: {strange}"
    assert pages.events() == [], f"paged before anything failed: {pages.events()}"

    base = f"http://127.0.0.1:{exporter_port}"
    made = request("POST", base + "/incident?kind=psp_outage&psp=acme&duration=10m")
    assert made.status == 200, made.text
    failed_at = time.monotonic()
    wait_until("the page", lambda: pages.events("trigger"), 80)
    print(f"    paged {time.monotonic() - failed_at:.1f} s after the failure")
    page = pages.events("trigger")[0]["event"]
    assert page["payload"]["severity"] in ("critical", "error"), page
    assert "psp=acme" in page["payload"]["summary"], page
    paged_at = time.monotonic()
    wait_until("the outage goes on for a while", lambda: time.monotonic() > paged_at + 8)

    assert request("POST", base + "/clear").status == 200
    cleared_at = time.monotonic()
    wait_until("the resolve", lambda: pages.events("resolve"), 130)
    print(f"    resolved {time.monotonic() - cleared_at:.1f} s after the recovery")
    opened = [e for e in pages.events() if e["effect"] == "opened"]
    assert len(opened) == 1, f"{len(opened)} pages: {[e['event']['payload'] for e in opened]}"
    assert [alert["state"] for alert in pages.alerts()] == ["resolved"]
    pages.check_all_accepted()
    assert server.stop() == 0


if __name__ == "__main__":
    run(one_outage_is_one_page_and_its_resolve)
