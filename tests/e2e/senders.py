"""Real senders for end-to-end tests: Prometheus and vmagent as processes, and a target that they
scrape, which knows what it has served."""

import http.server
import json
import struct
import threading
import urllib.parse

from harness import (PROMETHEUS, TOOLS, Process, double_field, field, free_port, int_field, request,
                     varint, wait_until)
from remote_write_wire import zigzag

VMAGENT = str(TOOLS / "victoria-metrics" / "usr" / "bin" / "vmagent")
QUEUE = """    queue_config:
      min_backoff: 30ms
      max_backoff: 1s
      batch_send_deadline: 1s
"""


class Target(http.server.ThreadingHTTPServer):
    """A scraped target: `scrapes_total` counts its scrapes, so each value is served once; requests
    and latencies that look healthy; exemplars in OpenMetrics, a native histogram in protobuf."""

    daemon_threads = True

    def __init__(self, native=False):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.native, self.scrapes, self.lock = native, 0, threading.Lock()
        self.address = f"127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def text(self, number):
        done = 100 * number
        return (f"# TYPE scrapes counter\nscrapes_total {number}\n"
                "# TYPE payments counter\n# HELP payments Payments by outcome.\n"
                f'payments_total{{psp="acme",outcome="success"}} {done - done // 50}'
                f' # {{trace_id="t{number}"}} {number}\n'
                f'payments_total{{psp="acme",outcome="failed"}} {done // 50}\n'
                f"# TYPE depth gauge\ndepth {number % 7 + 0.1}\n# EOF\n").encode()

    def families(self, number):
        """Delimited io.prometheus.client.MetricFamily messages: a counter, a native histogram."""
        counter = (field(1, b"scrapes_total") + int_field(3, 0)
                   + field(4, field(3, double_field(1, float(number)))))
        native = (int_field(1, 3 * number) + double_field(2, 0.5 * number) + int_field(5, zigzag(3))
                  + double_field(6, 2.0 ** -128) + int_field(7, 0)
                  + field(12, int_field(1, zigzag(-4)) + int_field(2, 2))
                  + field(13, varint(zigzag(number)) + varint(zigzag(number))))
        histogram = field(1, b"latency_seconds") + int_field(3, 4) + field(4, field(7, native))
        return b"".join(varint(len(family)) + family for family in (counter, histogram))

    def close(self):
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        target = self.server
        with target.lock:
            target.scrapes += 1
            number = target.scrapes
        kind, body = "application/openmetrics-text; version=1.0.0", None
        if target.native:
            kind = ("application/vnd.google.protobuf; encoding=delimited; "
                    "proto=io.prometheus.client.MetricFamily")
            body = target.families(number)
        elif "openmetrics" not in self.headers.get("Accept", ""):
            kind = "text/plain; version=0.0.4"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(target.text(number) if body is None else body)

    def log_message(self, *_):
        pass


class Prometheus(Process):
    """A Prometheus that scrapes every second and remote-writes; its TSDB outlives restarts."""

    def __init__(self, box, name, targets, write_url, remote_write="", flags=()):
        listed = ", ".join(f'"{target}"' for target in targets)
        config = box.write(f"{name}.yml", "global:\n  scrape_interval: 1s\nscrape_configs:\n"
                           f"  - job_name: payments\n    static_configs:\n      - targets: [{listed}]\n"
                           f"remote_write:\n  - url: {write_url}\n{QUEUE}{remote_write}")
        port = free_port()
        super().__init__(box, name, [PROMETHEUS, f"--config.file={config}",
                                     f"--storage.tsdb.path={box.path / 'tsdb'}",
                                     f"--web.listen-address=127.0.0.1:{port}", *flags])
        box.children.append(self)
        self.url = f"http://127.0.0.1:{port}"
        wait_until("Prometheus is ready", self.ready)

    def ready(self):
        assert self.alive(), self.err()[-2000:]
        try:
            return request("GET", self.url + "/-/ready").status == 200
        except OSError:
            return False

    def metric(self, name):
        """The sum of its own metric over all labels."""
        total, found = 0.0, False
        for line in request("GET", self.url + "/metrics").text.splitlines():
            if line.startswith((name + " ", name + "{")):
                total, found = total + float(line.rsplit(" ", 1)[1]), True
        assert found, f"Prometheus has no {name}"
        return total

    def samples(self, seconds, end_ms):
        """What its TSDB holds: {(labels, time_ms, value as 8 bytes)}; stale markers are not told."""
        form = urllib.parse.urlencode({"query": f'{{job="payments"}}[{seconds}s]',
                                       "time": f"{end_ms / 1000:.3f}"})
        answer = request("POST", self.url + "/api/v1/query", form.encode(),
                         {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 200, answer.text
        out = set()
        for series in json.loads(answer.body)["data"]["result"]:
            labels = tuple(sorted(series["metric"].items()))
            for time_s, value in series.get("values", ()):
                out.add((labels, round(time_s * 1000), struct.pack("<d", float(value))))
        return out

    def wait_sent(self, until_ms, seconds=60):
        """Until everything scraped before `until_ms` is acknowledged."""
        sent = "prometheus_remote_storage_queue_highest_sent_timestamp_seconds"
        wait_until("Prometheus has sent everything", lambda: (
            self.metric(sent) * 1000 > until_ms + 1500), seconds)

    def losses(self):
        """What it gave up, by its own counters."""
        names = [f"prometheus_remote_storage_{kind}_{what}_total"
                 for kind in ("samples", "exemplars", "histograms") for what in ("failed", "dropped")]
        return {name: n for name in names + ["prometheus_remote_storage_metadata_failed_total"]
                if (n := self.metric(name)) > 0}


class Vmagent(Process):
    def __init__(self, box, name, target, write_url):
        config = box.write(f"{name}.yml", "global:\n  scrape_interval: 1s\nscrape_configs:\n"
                           f'  - job_name: payments\n    static_configs:\n      - targets: ["{target}"]\n')
        port = free_port()
        super().__init__(box, name, [
            VMAGENT, f"-promscrape.config={config}", f"-remoteWrite.url={write_url}",
            f"-remoteWrite.tmpDataPath={box.path / (name + '-queue')}", "-remoteWrite.flushInterval=1s",
            f"-httpListenAddr=127.0.0.1:{port}"])
        box.children.append(self)
        self.url = f"http://127.0.0.1:{port}"

    def metric(self, name):
        return sum(float(line.rsplit(" ", 1)[1])
                   for line in request("GET", self.url + "/metrics").text.splitlines()
                   if line.startswith((name + " ", name + "{")))
