"""Rows of a conformance table: each is sent to a running receiver, judged, and printed by name."""

import http.client
import time
import urllib.parse

from harness import Answer, free_port
from remote_write_wire import V1_TYPE, V2_TYPE, RequestV2, request_v1, series_v1, snappy_literals

KINDS = ("Samples", "Histograms", "Exemplars")


def headers(content_type, version, encoding="snappy", agent="conformance/1.0"):
    return [("Content-Type", content_type), ("Content-Encoding", encoding),
            ("X-Prometheus-Remote-Write-Version", version), ("User-Agent", agent)]


V1 = headers(V1_TYPE, "0.1.0")
V2 = headers(V2_TYPE, "2.0.0")


def with_header(given, name, value):
    """`given` with one header replaced; None leaves it out."""
    rest = [(k, v) for k, v in given if k.lower() != name.lower()]
    return rest if value is None else rest + [(name, value)]


def now_ms():
    return int(time.time() * 1000)


def body_of(protocol, series, pack=snappy_literals):
    """[(labels, [(time_ms, value)])] in protocol 1 or 2."""
    if protocol == 1:
        return pack(request_v1([series_v1(labels, samples) for labels, samples in series]))
    request = RequestV2()
    for labels, samples in series:
        request.series(labels, samples)
    return pack(request.encode())


class Sender:
    """A keep-alive connection that sends exactly the headers it is told."""

    def __init__(self, server):
        self.server = server
        self.connection = None

    def send(self, body, with_headers, method="POST", length=None, path="/api/v1/write"):
        for attempt in (0, 1):
            try:
                return self._once(body, with_headers, method, length, path)
            except (ConnectionError, http.client.HTTPException):
                self.close()
                if attempt == 1:
                    raise
        raise AssertionError("not reached")

    def _once(self, body, with_headers, method, length, path):
        if self.connection is None:
            address = urllib.parse.urlsplit(self.server.url)
            self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection = self.connection
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in with_headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body) if length is None else length))
        connection.endheaders()
        if body:
            connection.send(body)
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        if length is not None or response.will_close:
            self.close()
        return answer

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def written(answer):
    """The three Written headers; a missing one is None."""
    values = [answer.headers.get(f"X-Prometheus-Remote-Write-{kind}-Written") for kind in KINDS]
    return tuple(None if value is None else int(value) for value in values)


class Counters:
    """What a row changed in /metrics."""

    def __init__(self, server):
        self.server = server
        self.before = self.read()

    def read(self):
        out = {}
        for line in self.server.get("/metrics").text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                out[name] = float(value)
        return out

    def change(self, name):
        assert name in self.before, f"/metrics has no {name}"
        return int(self.read()[name] - self.before[name])


class Table:
    """Collects verdicts; done() fails if a row did."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, []

    def row(self, name, expected, seen, detail=""):
        if expected == seen:
            self.passed += 1
            print(f"    ok {name}")
        else:
            self.failed.append(name)
            print(f"    FAILED {name}: expected {expected}, seen {seen} {detail}".rstrip())

    def done(self):
        print(f"    {self.name}: {self.passed} of {self.passed + len(self.failed)} rows passed",
              flush=True)
        assert not self.failed, f"{self.name}: {self.failed}"


# Everything that is sent feeds a signal, and so reaches the journal.
EVERYTHING = """step: 2s
lateness: 1s
discovery:
  enabled: false
signals:
  - name: everything
    type: gauge
    selector: '{__name__=~".+"}'
    by: []
    aggregate: sum
"""


def start(box, name="server", extra="", data=None):
    port = free_port()
    config = box.config(name, port, extra=EVERYTHING + extra, data=data)
    return box.serve(name, "--config", config, port=port)
