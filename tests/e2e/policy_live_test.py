"""A live server does what its policies and its operators say: limits and hours by label decide who is
woken, and a level that was adopted is taken back, over a kill -9 as well."""

import http.client
import math
import random
import urllib.parse

from auth_test import auth_section, bearer, token_of
from harness import SANDBOX, V1, free_port, needs, request, run, snappy, wait_until, write_v1

MONDAY = 1787529600000  # 2026-08-24T00:00:00Z
MINUTE = 60_000
HOUR = 60  # minutes
DAY = 24 * HOUR
MINUTES_A_REQUEST = 15
SETTINGS = "snapshot_interval: 1s\njournal:\n  fsync_interval: 5ms\n"


class World:
    """Payments of a few providers, one sample a minute; failing(psp, minute) of them fail. The same
    seed and the same questions give the same samples."""

    def __init__(self, lanes, failing, seed):
        self.lanes, self.failing, self.random = lanes, failing, random.Random(seed)
        self.totals = {(psp, outcome): 0 for psp in lanes for outcome in ("approved", "error")}
        self.minute = 0

    def until(self, minute):
        """Requests of remote write up to `minute`, each [(labels, [(time_ms, value)])]."""
        while self.minute < minute:
            end = min(minute, self.minute + MINUTES_A_REQUEST)
            series = []
            for now in range(self.minute, end):
                for psp in self.lanes:
                    share = self.failing(psp, now)
                    count = 600 * (1 - 0.4 * math.cos(2 * math.pi * now / DAY))
                    count = round(self.random.gauss(count, math.sqrt(count)))
                    bad = self.random.gauss(count * share, math.sqrt(count * share * (1 - share)))
                    bad = min(count, max(0, round(bad)))
                    self.totals[psp, "error"] += bad
                    self.totals[psp, "approved"] += count - bad
                series += [({"__name__": "payments_total", "psp": psp, "outcome": outcome},
                            [(MONDAY + now * MINUTE, value)])
                           for (psp, outcome), value in self.totals.items()]
            self.minute = end
            yield series


def send(world, minute, *servers, headers=None):
    """All up to `minute` to all servers, which then have decided on it."""
    parts = [urllib.parse.urlsplit(server.url) for server in servers]
    connections = [http.client.HTTPConnection(p.hostname, p.port, timeout=30) for p in parts]
    for series in world.until(minute):
        body = snappy(write_v1(series))
        for connection in connections:
            connection.request("POST", "/api/v1/write", body, {**V1, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 204, f"{answer.status} {text}"
    for connection in connections:
        connection.close()


def minutes(text):
    """Of a time in RFC 3339 on the Monday or a later day of that week: minutes since it began."""
    day, clock = text.rstrip("Z").split("T")
    hour, minute, second = clock.split(":")
    return (int(day.split("-")[2]) - 24) * DAY + int(hour) * HOUR + int(minute) + float(second) / 60


# Tuesday: acme fails at ten for a quarter of an hour, globex at noon, initech from three to six.
OUTAGES = {"acme": (DAY + 10 * HOUR, DAY + 10 * HOUR + 15),
           "globex": (DAY + 12 * HOUR, DAY + 12 * HOUR + 30),
           "initech": (DAY + 15 * HOUR, DAY + 18 * HOUR)}
POLICIES = """policies:
  - {match: '{psp=~"acme|umbrella"}', type: ratio, min_rel_deviation: 1000, ceiling: 0.9}
  - {match: '{psp="acme"}', type: ratio, ceiling: 0.25}
  - {match: '{psp="globex"}', type: ratio, floor: 0.6}
  - match: '{psp="initech"}'
    business_hours: {from: "17:00", to: "20:00"}
"""


def outages(psp, minute):
    begin, end = OUTAGES.get(psp, (0, 0))
    return 0.35 if begin <= minute < end else 0.02


def paged(server):
    """psp -> minutes of its pages, from the records of the server."""
    out = {}
    for row in server.rows("incidents"):
        if row.get("paged_at"):
            out.setdefault(row["scope"].get("psp"), []).append(minutes(row["paged_at"]))
    return out


def policies_by_label_decide_who_is_woken(box):
    needs(SANDBOX)
    pages, ports = box.sandbox(), (free_port(), free_port())
    plain = box.serve("plain", "--config", box.config("plain", ports[0], extra=SETTINGS),
                      port=ports[0])
    ruled = box.serve("ruled", "--config",
                      box.config("ruled", ports[1], pages, SETTINGS + POLICIES), port=ports[1])
    world = World(["acme", "globex", "initech", "umbrella"], outages, 51)
    send(world, DAY + 17 * HOUR - 5, plain, ruled)
    for server in (plain, ruled):
        server.wait_applied()
    # What nobody told otherwise pages at once, each of the three.
    at_once = paged(plain)
    assert sorted(at_once) == sorted(OUTAGES), at_once
    for psp, (begin, _) in OUTAGES.items():
        assert len(at_once[psp]) == 1 and begin < at_once[psp][0] <= begin + 6, (psp, at_once)
    # Told: acme alone, by its ceiling; its share of failures would never be far enough.
    before = paged(ruled)
    assert list(before) == ["acme"], before
    assert OUTAGES["acme"][0] < before["acme"][0] <= OUTAGES["acme"][0] + 6, before

    def held(reason, server=ruled):
        return server.metric('quell_candidates_total{reason="%s"}' % reason)

    assert held("nobody_cares") >= 20, "globex was not held back by its floor"
    assert held("nobody_cares", plain) == 0
    waiting = [row for row in ruled.rows("alerts") if row["labels"]["psp"] == "initech"]
    assert [row["severity"] for row in waiting] == ["info"], waiting

    # The hours begin while initech still fails: it pages then, and once.
    send(world, DAY + 19 * HOUR, ruled)
    ruled.wait_applied()
    ruled.wait_delivered()
    after = paged(ruled)
    assert sorted(after) == ["acme", "initech"], after
    assert len(after["initech"]) == 1, after
    assert DAY + 17 * HOUR <= after["initech"][0] <= DAY + 17 * HOUR + 3, after
    assert any(row["decision"] == "alert_raised" for row in ruled.rows("decisions"))
    opened = [event for event in pages.events("trigger") if event["effect"] == "opened"]
    assert len(opened) == 2, opened
    assert all(alert["state"] == "resolved" for alert in pages.alerts()), pages.alerts()
    pages.check_all_accepted()


SHIFT = 4 * DAY + 12 * HOUR  # learned by then


def shifted(psp, minute):
    return 0.1 if psp == "acme" and minute >= SHIFT else 0.02


class Asker:
    """Requests to a server, by the role of the asker."""

    def __init__(self, server):
        self.server = server

    def get(self, path):
        answer = request("GET", self.server.url + path, headers=bearer(token_of("read")))
        assert answer.status == 200, answer.text
        return answer.json

    def decisions(self, name):
        rows = self.get("/api/v1/decisions?limit=1000")["decisions"]
        return [row for row in rows if row["decision"] == name
                and row["labels"].get("psp") == "acme" and "failure_ratio" in row["signal"]]

    def undo(self, adoption, role):
        return request("POST", f"{self.server.url}/api/v1/adoptions/{adoption}/undo", b"",
                       bearer(token_of(role)))

    def wait_ready(self):
        """Until what the journal held at the start is decided upon."""
        wait_until("ready", lambda: request("GET", self.server.url + "/-/ready").status == 200)

    def send(self, world, minute):
        send(world, minute, self.server, headers=bearer(token_of("ingest")))
        status = self.get("/api/v1/status")
        wait_until("the journal is applied", lambda: self.get("/api/v1/status")["journal_sequence"]
                   >= status["journal_last"])


def an_adopted_level_is_taken_back_for_good(box):
    port = free_port()
    config = box.config("q", port, extra=SETTINGS + auth_section(box))
    asker = Asker(box.serve("first", "--config", config, port=port))
    world = World(["acme", "globex", "initech"], shifted, 31)
    asker.send(world, SHIFT + 5 * HOUR)
    it, = asker.decisions("adopted")
    assert abs(it["from"] - 0.02) < 0.008 and abs(it["to"] - 0.1) < 0.02, it
    assert abs(minutes(it["since"]) - SHIFT) <= 30, it
    assert 3 * HOUR <= minutes(it["at"]) - SHIFT <= 4 * HOUR, it

    # Who may not, what is not there, and what is no id: nothing is undone.
    for role in ("read", "ingest"):
        assert asker.undo(it["adoption"], role).status == 403
    for unknown in ("0123456789abcdef", "f"):
        answer = asker.undo(unknown, "operate")
        assert (answer.status, answer.json["error"]["code"]) == (404, "not_found"), answer.text
    assert asker.undo("no-id", "operate").status == 404
    listed, = asker.get("/api/v1/adoptions")["adoptions"]
    assert listed["adoption"] == it["adoption"] and listed["undone_at"] is None, listed

    # Undone, and killed before anything else: what was answered holds.
    fired = len(asker.decisions("alert_fired"))
    answer = asker.undo(it["adoption"], "operate")
    assert answer.status == 202, answer.text
    asker.server.kill()
    asker = Asker(box.serve("second", "--config", config, port=port))
    asker.wait_ready()
    assert len(asker.decisions("adoption_undone")) == 1
    again = asker.undo(it["adoption"], "operate")
    assert again.status == 400, again.text
    asker.send(world, SHIFT + 6 * HOUR)
    alerts = asker.decisions("alert_fired")
    assert len(alerts) == fired + 1, "the earlier level is not expected again"
    assert 0 <= minutes(alerts[0]["at"]) - (SHIFT + 5 * HOUR) <= 25, alerts[0]

    # Killed once more, and far longer than an adoption takes: nothing is adopted again.
    asker.server.kill()
    asker = Asker(box.serve("third", "--config", config, port=port))
    asker.send(world, SHIFT + 12 * HOUR)
    assert [row["adoption"] for row in asker.decisions("adopted")] == [it["adoption"]]
    assert len(asker.decisions("adoption_undone")) == 1
    listed, = asker.get("/api/v1/adoptions")["adoptions"]
    assert listed["undone_at"] is not None, listed
    assert len(asker.decisions("alert_fired")) == fired + 1, "the alert came twice"
    cleared = [row["at"] for row in asker.decisions("alert_cleared")]
    assert all(at < alerts[0]["at"] for at in cleared), "the alert did not last"


if __name__ == "__main__":
    run(policies_by_label_decide_who_is_woken, an_adopted_level_is_taken_back_for_good)
