"""Server-sent events of a running engine: told, bounded, and ended with the credentials or the engine."""

import json
import signal
import socket
import time

from harness import V1, free_port, request, run, snappy, wait_until, write_v1


class Listener:
    def __init__(self, port, headers="", receive_buffer=0):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(("GET /api/v1/events HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n"
                             f"{headers}\r\n").encode())
        self.kept = b""

    def until(self, text):
        """What came up to and with `text`; fails where the connection ends before."""
        while text not in self.kept:
            more = self.socket.recv(65536)
            assert more, f"ended before {text}: {self.kept[-300:]}"
            self.kept += more
        end = self.kept.index(text) + len(text)
        out, self.kept = self.kept[:end], self.kept[end:]
        return out.decode()

    def event(self):
        lines = dict(line.split(": ", 1) for line in self.until(b"]}\n\n").splitlines() if ": " in line)
        return lines["id"], json.loads(lines["data"])["changed"]

    def ended(self):
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


def announce(server, name):
    body = json.dumps({"id": name, "time": int(time.time()), "kind": "deploy", "note": name})
    assert request("POST", server.url + "/api/v1/changes", body.encode()).status == 202


def told_until(listener, topic):
    while True:
        event, changed = listener.event()
        if topic in changed:
            return event


def what_moves_is_told_and_nothing_is_missed(box):
    port = free_port()
    server = box.serve("told", "--config", box.config("q", port), port=port)
    wait_until("ready", lambda: request("GET", server.url + "/-/ready").status == 200)
    listener = Listener(port)
    head = listener.until(b"\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 ") and "text/event-stream" in head, head
    listener.event()
    announce(server, "one")
    last = told_until(listener, "changes")
    now = int(time.time()) // 30 * 30
    series = [({"__name__": "queue_depth", "queue": "a"}, [((now - 600 + 30 * i) * 1000, 5.0) for i in range(20)])]
    assert request("POST", server.write_url, snappy(write_v1(series)), V1).status == 204
    told_until(listener, "signals")
    listener.socket.close()
    announce(server, "two")
    server.wait_applied()
    again = Listener(port, f"Last-Event-ID: {last}\r\n")
    again.until(b"\r\n\r\n")
    assert {"changes", "signals"} <= set(again.event()[1])
    look = request("GET", server.url + "/api/v1/events", headers={"Last-Event-ID": last}).json
    assert {"changes", "signals"} <= set(look["changed"]), look
    wait_until("one listens", lambda: server.metric("quell_http_listeners") == 1)
    # The end of the engine ends who listens; it waits for none of them.
    assert server.stop(seconds=20) == 0
    assert again.ended()


def listeners_are_bounded_and_a_deaf_one_holds_up_nobody(box):
    port = free_port()
    server = box.serve("bounded", "--config", box.config(
        "q", port, extra="limits: {event_listeners_max: 2, write_timeout: 1s}\n"), port=port)
    deaf = Listener(port, receive_buffer=2048)
    hearing = Listener(port)
    hearing.until(b"\r\n\r\n")
    wait_until("two listen", lambda: server.metric("quell_http_listeners") == 2)
    refused = Listener(port).until(b"\r\n\r\n")
    assert refused.startswith("HTTP/1.1 503 ") and "Retry-After" in refused, refused
    assert 'quell_http_overload_total{bound="listeners"} 1\n' in server.get("/metrics").text
    announce(server, "told")
    told_until(hearing, "changes")
    assert server.status()["version"]
    deaf.socket.close()
    wait_until("it is gone", lambda: server.metric("quell_http_listeners") == 1)
    assert Listener(port).until(b"\r\n\r\n").startswith("HTTP/1.1 200 ")


def credentials_that_end_end_what_they_opened(box):
    port = free_port()
    token = box.write("reader.token", "events-token-of-reader\n")
    auth = f"auth:\n  tokens:\n    - {{name: reader, role: read, token_file: {token}}}\n"
    server = box.serve("guarded", "--config", box.config("q", port, extra=auth), port=port)
    assert Listener(port).until(b"\r\n\r\n").startswith("HTTP/1.1 401 ")
    listener = Listener(port, "Authorization: Bearer events-token-of-reader\r\n")
    assert listener.until(b"\r\n\r\n").startswith("HTTP/1.1 200 ")
    listener.event()
    token.write_text("another-token-of-reader\n")
    server.signal(signal.SIGHUP)
    assert listener.ended()
    metrics = request("GET", server.url + "/metrics",
                      headers={"Authorization": "Bearer another-token-of-reader"}).text
    assert "quell_http_listeners_revoked_total 1\n" in metrics
    assert "quell_http_listeners 0\n" in metrics
    assert "events-token" not in server.err() + server.out()


if __name__ == "__main__":
    run(what_moves_is_told_and_nothing_is_missed, listeners_are_bounded_and_a_deaf_one_holds_up_nobody,
        credentials_that_end_end_what_they_opened)
