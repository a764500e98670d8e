"""What every end-to-end test shares: processes, free ports, deadlines, a fresh folder, wire bytes.

Standard library only. A test script calls run(case, case, ...); each case is a function of a Box
and fails by assertion. Whatever a case started is ended when it returns, by process id.
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("QUELL_BUILD_DIR", SOURCE / "build" / "release"))
QUELL = os.environ.get("QUELL_BIN", str(BUILD / "quell"))
SANDBOX = os.environ.get("QUELL_SANDBOX_BIN", str(BUILD / "tests" / "support" / "pagerduty-sandbox"))
TOOLS = pathlib.Path(os.environ.get("QUELL_TOOLS_DIR", SOURCE / "build" / "tools"))
PROMETHEUS = str(TOOLS / "prometheus" / "usr" / "bin" / "prometheus")
PROMTOOL = str(TOOLS / "prometheus" / "usr" / "bin" / "promtool")
ROUTING_KEY = "0123456789abcdef0123456789abcdef"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


class Missing(Exception):
    """A program that a case needs is not there."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=60):
    """The first true value of condition(), polled; fails naming `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


def request(method, url, body=None, headers=None, context=None, timeout=30):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target or "/", body=body, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


class Process:
    """A child whose stdout and stderr go to files in the box."""

    def __init__(self, box, name, arguments):
        self.name = name
        self.out_path = box.path / f"{name}.out"
        self.err_path = box.path / f"{name}.err"
        with open(self.out_path, "ab") as out, open(self.err_path, "ab") as err:
            self.popen = subprocess.Popen(
                [str(a) for a in arguments], stdout=out, stderr=err, cwd=box.path)

    def out(self):
        return self.out_path.read_text(errors="replace")

    def err(self):
        return self.err_path.read_text(errors="replace")

    def alive(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=30):
        return self.popen.wait(timeout=seconds)

    def kill(self):
        if self.alive():
            self.popen.kill()
        self.popen.wait()

    def stop(self, seconds=20):
        """SIGTERM; the exit code."""
        if self.alive():
            self.popen.terminate()
        try:
            return self.popen.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds} s of SIGTERM") from None


class Quell(Process):
    """`quell serve`, reachable once made."""

    def __init__(self, box, name, arguments, port):
        super().__init__(box, name, [QUELL, "serve", *arguments])
        self.url = f"http://127.0.0.1:{port}"
        self.write_url = self.url + "/api/v1/write"
        wait_until(f"{name} answers", self.answers)

    def answers(self):
        assert self.alive(), f"{self.name} ended with {self.popen.returncode}: {self.err()[-2000:]}"
        try:
            return request("GET", self.url + "/-/healthy", timeout=5).status == 200
        except OSError:
            return False

    def get(self, path):
        answer = request("GET", self.url + path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.text}"
        return answer

    def rows(self, path, name=None):
        return self.get(f"/api/v1/{path}?limit=1000").json[name or path]

    def status(self):
        return self.get("/api/v1/status").json

    def metric(self, name):
        for line in self.get("/metrics").text.splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"/metrics has no {name}")

    def wait_applied(self, seconds=120):
        """Until every journal record is decided upon; ticks may come on top."""
        want = self.status()["journal_last"]
        wait_until("the journal is applied",
                   lambda: self.status()["journal_sequence"] >= want, seconds)

    def wait_delivered(self, seconds=60):
        wait_until("the outbox is empty", lambda: self.metric("quell_outbox_pending") == 0, seconds)


class Sandbox(Process):
    """The PagerDuty-compatible server; it refuses what PagerDuty's documentation forbids."""

    def __init__(self, box, name="sandbox", arguments=()):
        self.ca = box.path / f"{name}.pem"
        super().__init__(box, name, [SANDBOX, "--ca-out", self.ca, *arguments])
        wait_until("the sandbox listens", lambda: "listening on " in self.out())
        self.url = self.out().split("listening on ", 1)[1].split()[0]

    def state(self):
        context = ssl.create_default_context(cafile=str(self.ca))
        context.check_hostname = False
        base = self.url.rsplit("/v2/", 1)[0]
        return request("GET", base + "/events", context=context).json

    def events(self, action=None):
        events = self.state()["events"]
        return [e for e in events if action is None or e["event"]["event_action"] == action]

    def alerts(self):
        return self.state()["alerts"]

    def check_all_accepted(self):
        state = self.state()
        assert state["requests"] == len(state["events"]), "the sandbox refused events: " + self.out()


class Box:
    """A fresh folder, and what was started in it."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="quell-e2e-"))
        self.children = []

    def start(self, name, *arguments):
        return self._keep(Process(self, name, arguments))

    def sandbox(self, name="sandbox", *arguments):
        return self._keep(Sandbox(self, name, arguments))

    def serve(self, name, *arguments, port):
        return self._keep(Quell(self, name, arguments, port))

    def _keep(self, child):
        self.children.append(child)
        return child

    def write(self, name, content):
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def config(self, name, port, sandbox=None, extra="", data=None):
        """A configuration file that listens on `port` and pages to the sandbox."""
        text = f'listen: "127.0.0.1:{port}"\ndata_dir: {data or self.path / (name + "-data")}\n'
        text += extra
        if sandbox is not None:
            key = self.write("routing-key", ROUTING_KEY + "\n")
            text += (f"receivers:\n  - name: pagerduty\n    type: pagerduty\n    url: {sandbox.url}\n"
                     f"    ca_file: {sandbox.ca}\n    routing_key_file: {key}\n")
        return self.write(name + ".yaml", text)

    def close(self, keep):
        for child in reversed(self.children):
            child.kill()
        if keep:
            print(f"    kept for reading: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def quell(*arguments, cwd=None, seconds=120):
    """Runs a verb to its end: exit code, stdout, stderr as .returncode, .stdout, .stderr."""
    return subprocess.run([QUELL, *map(str, arguments)], cwd=cwd, timeout=seconds,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def simulate(*arguments, seconds=200):
    done = quell("simulate", *arguments, seconds=seconds)
    assert done.returncode == 0, f"simulate failed: {done.stderr}"
    return done.stderr


def needs(*programs):
    for program in programs:
        if not os.access(program, os.X_OK):
            raise Missing(f"{program} is missing (scripts/fetch-tools, or build its target)")


def prometheus_over(box, metrics):
    """The URL of a Prometheus whose history is that of an OpenMetrics file."""
    needs(PROMETHEUS, PROMTOOL)
    # Long blocks: promtool reads the file once for each.
    made = subprocess.run([PROMTOOL, "tsdb", "create-blocks-from", "--max-block-duration=720h",
                           "openmetrics", metrics, box.path / "tsdb"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert made.returncode == 0, made.stdout
    config = box.write("prometheus.yml", "global: {}\n")
    url = f"http://127.0.0.1:{free_port()}"
    prometheus = box.start("prometheus", PROMETHEUS, f"--config.file={config}",
                           f"--storage.tsdb.path={box.path / 'tsdb'}",
                           "--storage.tsdb.retention.time=100y",
                           f"--web.listen-address={url.removeprefix('http://')}")

    def ready():
        assert prometheus.alive(), prometheus.err()
        try:
            return request("GET", url + "/-/ready").status == 200
        except OSError:
            return False
    wait_until("Prometheus is ready", ready)
    return url


def run_case(case):
    """ "ok", "skipped" or "FAILED"."""
    box = Box()
    verdict = "FAILED"
    try:
        case(box)
        verdict = "ok"
    except Missing as reason:
        print(f"    {reason}")
        verdict = "skipped"
    except Exception:  # a report, whatever it is
        traceback.print_exc(file=sys.stdout)
        for child in box.children:
            print(f"    last words of {child.name}: {child.err()[-1500:]}")
    finally:
        box.close(keep=verdict == "FAILED" and "QUELL_KEEP" in os.environ)
    return verdict


def run(*cases):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that children are ended
    verdicts = []
    for case in cases:
        started = time.monotonic()
        verdicts.append(run_case(case))
        print(f"{verdicts[-1]:7} {case.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
    if "FAILED" in verdicts:
        sys.exit(1)
    sys.exit(0 if "ok" in verdicts else SKIPPED)


# Wire bytes, from the specifications' field numbers.

def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, payload):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def int_field(number, value):
    return varint(number << 3) + varint(value)


def double_field(number, value):
    return varint(number << 3 | 1) + struct.pack("<d", value)


def sample(value, time_ms):
    return double_field(1, value) + int_field(2, time_ms)


def write_v1(series):
    """WriteRequest of [(labels, [(time_ms, value)])]."""
    out = b""
    for labels, samples in series:
        one = b"".join(field(1, field(1, k.encode()) + field(2, v.encode()))
                       for k, v in sorted(labels.items()))
        out += field(1, one + b"".join(field(2, sample(v, t)) for t, v in samples))
    return out


def write_v2(series):
    """io.prometheus.write.v2.Request of [(labels, [(time_ms, value)])]."""
    symbols, body = [""], b""

    def ref(text):
        if text not in symbols:
            symbols.append(text)
        return symbols.index(text)

    for labels, samples in series:
        refs = b"".join(varint(ref(text)) for pair in sorted(labels.items()) for text in pair)
        body += field(5, field(1, refs) + b"".join(field(2, sample(v, t)) for t, v in samples))
    return b"".join(field(4, s.encode()) for s in symbols) + body


def snappy(data):
    """Snappy's block format, literals only."""
    out = varint(len(data))
    for at in range(0, len(data), 65536):
        piece = data[at:at + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return out


V1 = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
      "X-Prometheus-Remote-Write-Version": "0.1.0"}
V2 = {"Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
      "Content-Encoding": "snappy", "X-Prometheus-Remote-Write-Version": "2.0.0"}
