"""What lastingly changed in a signal, beside its level, is said by a live server and taken back by its
operator, over a kill -9 as well."""

import http.client
import random
import urllib.parse

from harness import V1, free_port, quell, request, run, snappy, wait_until, write_v1

MONDAY = 1787529600000  # 2026-08-24T00:00:00Z
MINUTE = 60_000
POINT = 5  # minutes
DAY = 24 * 60 // POINT  # points
POINTS_A_REQUEST = 12
SETTINGS = "snapshot_interval: 1s\njournal:\n  fsync_interval: 5ms\n"


class Gauge:
    """One gauge; at(point, random) is its value. The same seed gives the same samples."""

    def __init__(self, at, seed):
        self.at, self.random, self.sent = at, random.Random(seed), 0

    def send(self, server, until):
        """All up to the point `until`, which then is decided upon."""
        where = urllib.parse.urlsplit(server.url)
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
        while self.sent < until:
            end = min(until, self.sent + POINTS_A_REQUEST)
            samples = [(MONDAY + i * POINT * MINUTE, self.at(i, self.random))
                       for i in range(self.sent, end)]
            labels = {"__name__": "pool_connections", "pool": "acme"}
            connection.request("POST", "/api/v1/write", snappy(write_v1([(labels, samples)])), V1)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 204, f"{answer.status} {text}"
            self.sent = end
        connection.close()
        server.wait_applied()


def decisions(server, name, shifted):
    rows = server.rows("decisions")
    return [row for row in rows if row["decision"] == name and row["shifted"] == shifted]


def undo(server, adoption):
    return request("POST", f"{server.url}/api/v1/adoptions/{adoption}/undo", b"")


def listed(server, adoption):
    rows = request("GET", server.url + "/api/v1/adoptions").json["adoptions"]
    found, = [row for row in rows if row["adoption"] == adoption]
    return found


def again(box, name, config, port, server, adoption=None):
    """The server, killed and started anew, once it knows what it knew. Before that nothing that was
    adopted is said not to exist."""
    server.kill()
    server = box.serve(name, "--config", config, port=port)
    if adoption:
        assert undo(server, adoption).status in (400, 503)
    wait_until("ready", lambda: request("GET", server.url + "/-/ready").status == 200)
    return server


def a_scale_is_said_and_taken_back(box):
    noisier = 8 * DAY
    gauge = Gauge(lambda i, r: 100 + r.gauss(0, 12 if i >= noisier else 3), 5)
    port = free_port()
    config = box.config("q", port, extra=SETTINGS)
    server = box.serve("first", "--config", config, port=port)
    gauge.send(server, noisier + 2 * DAY)
    assert decisions(server, "adopted", "scale") == []
    server = again(box, "second", config, port, server)
    gauge.send(server, noisier + 4 * DAY)
    it, = decisions(server, "adopted", "scale")
    assert abs(it["from"] - 3) < 1 and abs(it["to"] - 12) < 3, it
    assert listed(server, it["adoption"])["undone_at"] is None

    assert undo(server, "0123456789abcdef").status == 404
    assert undo(server, it["adoption"]).status == 202
    server = again(box, "third", config, port, server, it["adoption"])
    assert listed(server, it["adoption"])["undone_at"] is not None
    assert undo(server, it["adoption"]).status == 400
    gauge.send(server, noisier + 6 * DAY)
    assert len(decisions(server, "adoption_undone", "scale")) == 1
    assert len(decisions(server, "adopted", "scale")) == 1


def a_time_of_day_is_said_and_taken_back(box):
    moved = 9 * DAY

    def batch(i, r):
        since = i % DAY - (4 if i >= moved else 2) * 60 // POINT
        return (300 if 0 <= since < 60 // POINT else 100) + r.gauss(0, 6)

    gauge = Gauge(batch, 7)
    port = free_port()
    config = box.config("q", port, extra=SETTINGS)
    server = box.serve("first", "--config", config, port=port)
    gauge.send(server, moved + 2 * DAY + 9 * 30 // POINT)
    server = again(box, "second", config, port, server)  # in the midst of what is being learned
    gauge.send(server, moved + 5 * DAY)
    it, = [row for row in decisions(server, "adopted", "time") if row["hours"] == "04:00-05:00"]
    assert it["from"] < 140 and it["to"] > 220, it
    assert it["since"].startswith("2026-09-02T04:00"), it

    assert undo(server, it["adoption"]).status == 202
    server = again(box, "third", config, port, server, it["adoption"])
    assert undo(server, it["adoption"]).status == 400
    gauge.send(server, moved + 11 * DAY)
    assert len(decisions(server, "adoption_undone", "time")) == 1
    said = [row for row in decisions(server, "adopted", "time") if row["hours"] == it["hours"]]
    assert [row["adoption"] for row in said] == [it["adoption"]], said


def a_new_normal_is_said_and_replays_alike(box):
    shifted = 8 * DAY
    gauge = Gauge(lambda i, r: (100 if i < shifted else 140) + r.gauss(0, 3), 9)
    port = free_port()
    config = box.config("q", port, extra=SETTINGS)
    server = box.serve("first", "--config", config, port=port)
    gauge.send(server, shifted + 60 // POINT)
    server.wait_applied()
    incident, = [row for row in server.rows("incidents") if row["state"] == "open"]
    path = f"{server.url}/api/v1/incidents/{incident['key']}/new-normal"
    shown, = request("GET", path).json["signals"]
    assert abs(shown["before"]["expected"] - 100) < 5 and abs(shown["after"]["expected"] - 140) < 5, shown
    assert shown["after"]["band"][0] < 140 < shown["after"]["band"][1], shown
    assert server.get("/api/v1/adoptions").json["adoptions"] == []
    looked = quell("incident", "new-normal", incident["key"], "--url", server.url)
    assert looked.returncode == 0 and "nothing was changed" in looked.stderr, looked.stderr
    assert server.get("/api/v1/adoptions").json["adoptions"] == []
    said = quell("incident", "new-normal", incident["key"], "--yes", "--url", server.url)
    assert said.returncode == 0, said.stderr
    adoptions = server.get("/api/v1/adoptions").json["adoptions"]
    it, = adoptions
    assert it["shifted"] == "new_normal" and abs(it["to"] - 140) < 5, it
    assert request("POST", path).status == 400  # nothing of it is odd any more
    assert request("GET", path.replace(incident["key"], "00ff")).status == 404
    gauge.send(server, shifted + 120 // POINT)
    server.wait_applied()
    points = [row["key"] for row in server.rows("incidents") if row["state"] == "open"]
    assert points == [], points
    # From the last snapshot and the journal's tail, and from the journal alone.
    decided = server.rows("decisions")
    server = again(box, "second", config, port, server)
    assert server.get("/api/v1/adoptions").json["adoptions"] == adoptions
    assert server.rows("decisions") == decided
    server.kill()
    (box.path / "q-data" / "snapshot.quell").unlink()
    server = box.serve("third", "--config", config, port=port)
    wait_until("ready", lambda: request("GET", server.url + "/-/ready").status == 200)
    assert server.get("/api/v1/adoptions").json["adoptions"] == adoptions
    assert undo(server, it["adoption"]).status == 202
    server.wait_applied()
    assert listed(server, it["adoption"])["undone_at"] is not None
    gauge.send(server, shifted + 180 // POINT)
    server.wait_applied()
    assert [row for row in server.rows("incidents") if row["state"] == "open"], "its level is odd again"


if __name__ == "__main__":
    run(a_scale_is_said_and_taken_back, a_time_of_day_is_said_and_taken_back,
        a_new_normal_is_said_and_replays_alike)
