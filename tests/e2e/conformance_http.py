"""HTTP underneath remote write: the bounds of `limits:` on connections, and the requests that known
weaknesses of receivers and their HTTP libraries are about. A case for conformance_test.py."""

import socket
import urllib.parse

from conformance_limits import MIB, memory
from conformance_rows import V2, Counters, Table, body_of, now_ms, start
from harness import wait_until

BOUNDS = """limits:
  request_bytes_max: 1MiB
  head_bytes_max: 4KiB
  headers_max: 20
  head_timeout: 300ms
  body_timeout: 2s
  inflight_bytes_max: 2MiB
"""
GROWTH_MAX = 32 * MIB


def head(lines=(), length=None, method="POST", path="/api/v1/write"):
    out = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{k}: {v}" for k, v in V2), *lines]
    if length is not None:
        out.append(f"Content-Length: {length}")
    return "\r\n".join(out).encode() + b"\r\n\r\n"


def connect(server):
    address = urllib.parse.urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), timeout=20)


def statuses(server, request, quiet=0.6, chunk=1 << 16):
    """The status codes that come back until the server closes, or is quiet for so many seconds."""
    out = b""
    with connect(server) as raw:
        try:
            for at in range(0, len(request), chunk):
                raw.sendall(request[at:at + chunk])
        except OSError:
            pass  # answered and closed before all was sent
        raw.settimeout(quiet)
        try:
            while piece := raw.recv(65536):
                out += piece
        except OSError:
            pass
    return [int(line.split()[1]) for line in out.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def chunked(*pieces):
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def rows(good):
    """(name, request, statuses, counter or "")."""
    def faulty(reason):
        return f'quell_http_heads_refused_total{{reason="{reason}"}}'

    te = ["Transfer-Encoding: chunked"]
    whole = head(length=len(good)) + good
    return [
        ("two requests in one go", whole + whole, [204, 204], ""),
        ("chunked", head(te) + chunked(good[:7], good[7:], b""), [204], ""),
        ("chunked beyond request_bytes_max (CVE-2025-46728)",
         head(te) + chunked(*[b"x" * 65536] * 40), [413],
         'quell_http_bodies_refused_total{reason="too_large"}'),
        ("a header of 20 MB (CVE-2025-53628)", head(["X-A: " + "a" * (20 * MIB)], 0), [431],
         faulty("too_large")),
        ("200,000 headers (CVE-2025-52887)", head([f"X-{i}: 1" for i in range(200_000)], 0), [431],
         faulty("too_many_headers")),
        ("21 headers", head([f"X-{i}: 1" for i in range(21)], 0), [431],
         faulty("too_many_headers")),
        ("a negative chunk size (CVE-2026-45352)", head(te) + b"-1\r\nx\r\n0\r\n\r\n", [400],
         'quell_http_bodies_refused_total{reason="chunk"}'),
        ("Content-Length beside Transfer-Encoding", head(te, len(good)) + chunked(good, b""), [400],
         faulty("length_and_encoding")),
        ("two Content-Length", head([f"Content-Length: {len(good)}"], len(good)) + good, [400],
         faulty("content_length_twice")),
        ("Content-Length: -1", head(length=-1), [400], faulty("content_length")),
        ("a body after GET is no request (CVE-2026-34441)",
         head(length=len(whole), method="GET", path="/-/healthy") + whole, [200], ""),
        ("a refused body is no request (CVE-2026-34441)",
         head(length=len(whole)).replace(b"snappy", b"gzip") + whole, [415], ""),
        ("multipart (CVE-2026-29076)",
         head(length=4).replace(b"application/x-protobuf", b"multipart/form-data; boundary=x")
         + b"--x-", [415], 'quell_http_bodies_refused_total{reason="multipart"}'),
        ("HTTP/9.9", whole.replace(b"HTTP/1.1", b"HTTP/9.9", 1), [505], faulty("version")),
    ]


def the_http_underneath_is_strict_and_bounded(box):
    server = start(box, extra=BOUNDS)
    table = Table("http")
    good = body_of(2, [({"__name__": "m"}, [(now_ms() - 60_000, 1.0)])])
    base = memory(server, "VmRSS")
    for row, request, want, counter in rows(good):
        before = Counters(server)
        table.row(row, (want, bool(counter)),
                  (statuses(server, request), bool(counter) and before.change(counter) > 0))
    for row, begun, phase in (("a head that does not end", head(length=9)[:40], "head"),
                              ("a body that does not come", head(length=900) + b"x", "body")):
        before = Counters(server)
        table.row(f"{row}: {phase}_timeout, 408", ([408], 1), (
            statuses(server, begun, quiet=20),
            before.change(f'quell_http_timeouts_total{{phase="{phase}"}}')))
    before = Counters(server)
    held = [connect(server) for _ in range(2)]  # each reserves a megabyte that it does not send
    for raw in held:
        raw.sendall(head(length=MIB))
    wait_until("both are reserved", lambda: server.metric("quell_http_bytes_in_flight") >= 2 * MIB)
    answer = statuses(server, head(length=MIB))
    for raw in held:
        raw.close()
    table.row("beyond inflight_bytes_max: 503", ([503], True),
              (answer, before.change('quell_http_overload_total{bound="bytes"}') > 0))
    wait_until("what they held is free", lambda: server.metric("quell_http_bytes_in_flight") < MIB)
    table.row("and the next request is served", [204],
              statuses(server, head(length=len(good)) + good))
    growth = memory(server, "VmHWM") - base
    table.row("memory stays", True, growth < GROWTH_MAX, f"+{growth / MIB:.0f} MiB")
    table.done()
