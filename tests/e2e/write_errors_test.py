"""Remote write as the specification has it: wrong requests are refused with the right status, and
nothing that was accepted before is lost."""

import http.client
import random
import socket
import time

from harness import (V1, V2, double_field, field, free_port, quell, request, run, snappy, varint,
                     wait_until, write_v1, write_v2)

LABELS = {"__name__": "payments_total", "psp": "acme", "outcome": "success", "job": "pay"}


def start(box, extra=""):
    port = free_port()
    return box.serve("server", "--config", box.config("q", port, extra=extra), port=port)


def now_ms():
    return int(time.time() * 1000)


def good_v2(samples):
    at = now_ms() - 1000 * samples
    return snappy(write_v2([(LABELS, [(at + 1000 * i, float(i)) for i in range(samples)])]))


def post(server, body, headers):
    return request("POST", server.write_url, body, headers)


def written(answer, kind="Samples"):
    return answer.headers.get(f"X-Prometheus-Remote-Write-{kind}-Written")


def both_protocols_are_accepted(box):
    server = start(box)
    second = post(server, good_v2(5), V2)
    assert second.status == 204, (second.status, second.text)
    assert second.body == b""
    assert written(second) == "5", second.headers
    assert written(second, "Histograms") == "0" and written(second, "Exemplars") == "0"

    first = post(server, snappy(write_v1([(LABELS, [(now_ms(), 9.0)])])), V1)
    assert first.status == 204, (first.status, first.text)
    assert written(first) is None, "1.0 answers carry no Written headers"

    bare = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    assert post(server, snappy(b""), bare).status == 204, "an empty probe"
    spaced = dict(V2, **{"Content-Type":
                         "Application/X-Protobuf ; proto=io.prometheus.write.v2.Request"})
    assert written(post(server, good_v2(2), spaced)) == "2"
    assert server.metric("quell_samples_accepted_total") == 8


def wrong_headers_are_judged_before_the_body(box):
    server = start(box)
    for name, value, status in (
            ("Content-Type", "application/json", 415),
            ("Content-Type", "image/png", 415),
            ("Content-Type", "application/x-protobuf;proto=some.other.Request", 415),
            ("Content-Encoding", "gzip", 415),
            ("Content-Encoding", "deflate", 415)):
        answer = post(server, b"\xff corrupt too", dict(V2, **{name: value}))
        assert answer.status == status, f"{name}: {value} gave {answer.status}"
        assert answer.text.strip(), "a refusal says why"
    assert request("GET", server.write_url).status in (404, 405)


def corrupt_bodies_are_400(box):
    server = start(box)
    truth = write_v2([(LABELS, [(now_ms(), 1.0)])])
    bodies = {
        "snappy garbage": b"\xff\xff\xff\xff\xff\xff",
        "a cut body": snappy(truth)[:-3],
        "first byte changed": b"\xfe" + snappy(truth)[1:],
        "protobuf garbage": snappy(b"\x07\x08\xff\xff"),
        "a length past the end": snappy(varint(5 << 3 | 2) + varint(1 << 40) + b"x"),
        "a claim of 4 GiB": b"\xff\xff\xff\xff\x0f" + b"\x00",
    }
    for name, body in bodies.items():
        for headers in (V1, V2):
            answer = post(server, body, headers)
            assert answer.status == 400 or (answer.status == 413 and "4 GiB" in name), \
                f"{name}: {answer.status} {answer.text}"
            assert 0 < len(answer.body) <= 1024, f"{name}: {len(answer.body)} bytes of reason"


def invalid_series_are_400_and_the_valid_ones_kept(box):
    server = start(box)
    at = now_ms()
    valid = (LABELS, [(at, 1.0)])
    symbols = b"".join(field(4, s) for s in (b"", b"__name__", b"payments_total", b"psp", b"a"))
    sample = double_field(1, 1.0) + varint(2 << 3) + varint(at)
    broken = {
        "no metric name": write_v2([valid, ({"psp": "acme"}, [(at, 1.0)])]),
        "an empty metric name": write_v2([valid, ({"__name__": ""}, [(at, 1.0)])]),
        "far in the future": write_v2([valid, (dict(LABELS, psp="z"), [(at + 7200000, 1.0)])]),
        "a reference out of range": symbols + field(
            5, field(1, bytes([1, 2, 3, 9])) + field(2, sample)),
        "odd references": symbols + field(5, field(1, bytes([1, 2, 3])) + field(2, sample)),
        "a label twice": symbols + field(
            5, field(1, bytes([1, 2, 3, 4, 3, 4])) + field(2, sample)),
    }
    for name, body in broken.items():
        answer = post(server, snappy(body), V2)
        assert answer.status == 400, f"{name}: {answer.status} {answer.text}"
        most = 1 if body.startswith(write_v2([valid])[:10]) else 0
        assert int(written(answer)) <= most, f"{name}: {written(answer)} written"
        assert 0 < len(answer.body) <= 1024, name


def a_body_beyond_the_limit_is_413(box):
    server = start(box, extra="limits:\n  request_bytes_max: 4096\n")
    answer = post(server, b"\x00" * 5000, V2)
    assert answer.status == 413, answer.status
    assert post(server, good_v2(3), V2).status == 204, "the next request is served"

    # Chunked, with no length told in advance. The server may answer or cut the connection.
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    try:
        connection.request("POST", "/api/v1/write", iter([b"\x00" * 1024] * 64), V2,
                           encode_chunked=True)
        assert connection.getresponse().status == 413
    except (ConnectionError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    assert post(server, good_v2(3), V2).status == 204


def garbage_on_the_socket_harms_nobody(box):
    server = start(box)
    port = int(server.url.rsplit(":", 1)[1])
    random.seed(7)
    for size in (1, 3, 100, 5000, 70000):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            try:
                raw.sendall(random.randbytes(size) + b"\r\n\r\n")
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(4096):
                    pass
            except OSError:
                pass
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
                    b"Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n\r\nabc")
    assert server.alive()
    assert written(post(server, good_v2(4), V2)) == "4"


def nothing_accepted_is_lost_among_refusals(box):
    server = start(box, extra="step: 1s\nlateness: 0s\n")
    random.seed(11)
    total = 0
    base = now_ms() - 400000
    for i in range(200):
        if random.random() < 0.5:
            at = base + 1000 * i
            body = snappy(write_v2([(LABELS, [(at, float(i))]),
                                    (dict(LABELS, outcome="failed"), [(at, 0.0)])]))
            answer = post(server, body, V2)
            assert answer.status == 204 and written(answer) == "2", answer.text
            total += 2
        else:
            assert post(server, random.randbytes(random.randint(1, 300)), V2).status in (400, 413)
    server.wait_applied()
    wait_until("all samples are read", lambda: server.metric("quell_signal_samples_total") == total)
    assert server.stop() == 0
    again = quell("replay", "--quiet", "--input", f"journal:{box.path / 'q-data' / 'journal'}",
                  "--out", box.path / "report")
    assert again.returncode == 0, again.stderr
    assert f"{total:,} samples" in again.stdout, again.stdout[:500]


if __name__ == "__main__":
    run(both_protocols_are_accepted,
        wrong_headers_are_judged_before_the_body,
        corrupt_bodies_are_400,
        invalid_series_are_400_and_the_valid_ones_kept,
        a_body_beyond_the_limit_is_413,
        garbage_on_the_socket_harms_nobody,
        nothing_accepted_is_lost_among_refusals)
