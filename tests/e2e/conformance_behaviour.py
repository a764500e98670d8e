"""What the receiver does with what it was sent: valid and invalid series, times, repetitions, a full
journal. Cases for conformance_test.py; both protocols unless a row says otherwise."""

import struct

import journal_file
from conformance_rows import V1, V2, Counters, Sender, Table, body_of, now_ms, start, written
from harness import field
from remote_write_wire import (NORMAL_NAN, STALE, RequestV2, request_v1, series_v1, snappy_copies,
                               snappy_literals)

HEADERS = {1: V1, 2: V2}
GOOD = {"__name__": "kept", "job": "x"}
INT64_MAX, INT64_MIN = (1 << 63) - 1, -(1 << 63)
HOUR = 3600_000


def label_rows():
    """(name, labels, whether they are taken)."""
    name = ("__name__", "m")
    return [
        ("labels in wrong order", [("z", "1"), name, ("a", "2")], True),
        ("labels sorted", [name, ("a", "1"), ("b", "2")], True),
        ("a label with an empty value is absent", [name, ("a", "")], True),
        ("names of any UTF-8: dots, spaces, digits, line feeds",
         [("__name__", "5xx.größe\n"), ("with space", "1"), ("1", "2")], True),
        ("values with every byte of valid UTF-8", [name, ("a", "\x00\x7f\u07ff\uffff\U0010ffff")], True),
        ("a name twice", [name, ("a", "1"), ("a", "2")], False),
        ("a name twice, same value", [name, ("a", "1"), ("a", "1")], False),
        ("a name twice, one value empty", [name, ("a", "1"), ("a", "")], False),
        ("__name__ twice", [name, ("__name__", "n")], False),
        ("no __name__", [("a", "1")], False),
        ("an empty __name__", [("__name__", ""), ("a", "1")], False),
        ("no labels", [], False),
        ("an empty name", [name, ("", "1")], False),
        ("an empty name and value", [name, ("", "")], False),
        ("a name of invalid UTF-8", [name, (b"a\xff", "1")], False),
        ("a value of invalid UTF-8", [name, ("a", b"\xc0\xaf")], False),
        ("a surrogate in a value", [name, ("a", b"\xed\xa0\x80")], False),
        ("a metric name of invalid UTF-8", [("__name__", b"m\x80")], False),
        ("64 labels", [name] + [(f"l{i}", "v") for i in range(63)], True),
        ("65 labels", [name] + [(f"l{i}", "v") for i in range(64)], False),
    ]


def invalid_series_are_400_and_the_valid_ones_kept(box):
    server = start(box)
    sender, table, at = Sender(server), Table("series"), now_ms() - 60_000
    for protocol in (1, 2):
        for row, labels, taken in label_rows():
            counters = Counters(server)
            answer = sender.send(body_of(protocol, [(GOOD, [(at, 1.0)]), (labels, [(at, 2.0)]),
                                                    (GOOD, [(at + 1, 3.0)])]), HEADERS[protocol])
            kept = 3 if taken else 2
            seen = (answer.status, counters.change("quell_samples_accepted_total"),
                    counters.change("quell_samples_rejected_total"),
                    counters.change("quell_series_rejected_total"),
                    written(answer)[0], 0 < len(answer.body) <= 1024)
            table.row(f"{protocol}.0 {row}",
                      (204 if taken else 400, kept, 3 - kept, 3 - kept,
                       kept if protocol == 2 else None, not taken), seen, answer.text[:200])
        answer = sender.send(body_of(protocol, [({"a": "1"}, [(at, 1.0)]), ([], [(at, 1.0)])] * 3),
                             HEADERS[protocol])
        table.row(f"{protocol}.0 the reason names the first offender and counts all",
                  (400, True, True), (answer.status, "series 1 " in answer.text,
                                      "6 series, 6 samples" in answer.text), answer.text)
    sender.close()
    table.done()


def corrupt_bodies_are_400_and_keep_nothing(box):
    server = start(box)
    sender, table, at = Sender(server), Table("bodies"), now_ms() - 60_000
    for protocol in (1, 2):
        good = body_of(protocol, [(GOOD, [(at, 1.0)])], pack=bytes)
        packed = snappy_literals(good)
        series = bytes([(1 if protocol == 1 else 5) << 3 | 2])
        for row, body in (
                ("an empty body", b""), ("not snappy", b"\xff\xff\xff\xff\xff\xff"),
                ("cut", packed[:-3]), ("one byte too many", packed + b"\x00"),
                ("framed snappy", b"\xff\x06\x00\x00sNaPpY\x00\x0c\x00\x00\x00\x00\x00\x00ok"),
                ("a copy from before the beginning", b"\x08\x00x\x01\x09"),
                ("snappy in snappy", snappy_literals(packed)), ("not compressed", good),
                ("cut protobuf", snappy_literals(good[:-1])),
                ("a length past the end", snappy_literals(series + b"\xff\xff\xff\xff\x0f" + b"x")),
                ("field number 0", snappy_literals(good + b"\x00\x01")),
                ("a wire type that does not exist", snappy_literals(good + b"\x0f\x01")),
                ("an endless varint", snappy_literals(good + b"\xff" * 12)),
                ("a broken second series", snappy_literals(good + series + b"\x02\x0a\xff"))):
            counters = Counters(server)
            answer = sender.send(body, HEADERS[protocol])
            seen = (answer.status, counters.change("quell_samples_accepted_total"),
                    counters.change('quell_write_responses_total{class="4xx"}'), written(answer),
                    0 < len(answer.body) <= 1024)
            nothing = (0, 0, 0) if protocol == 2 else (None, None, None)
            table.row(f"{protocol}.0 {row}", (400, 0, 1, nothing, True), seen, answer.text[:200])
    sender.close()
    table.done()


def odd_samples(server):
    """The counters of samples with a special effect, by reason, once everything is applied."""
    server.wait_applied()
    text = server.get("/metrics").text
    return {line.split('"')[1]: int(line.split()[-1]) for line in text.splitlines()
            if line.startswith("quell_signal_samples_odd_total{")}


class Timeline:
    """Sends one row after the other, each on a series of its own and 20 s after the one before; a
    later sample of another series closes its steps, so that its counters are final. A row's time is
    half a second into a step, and that step is not open yet when its first sample has come."""

    def __init__(self, server, sender):
        self.server, self.sender, self.number = server, sender, 0
        self.at = (now_ms() - HOUR) // 20_000 * 20_000 + 500

    def flush(self):
        self.at += 20_000
        flushed = body_of(2, [({"__name__": "flush"}, [(self.at - 4_000, 1.0)])])
        assert self.sender.send(flushed, V2).status == 204

    def row(self, protocol, samples_of):
        """(status, accepted, rejected) and the odd counters that the samples moved."""
        self.number += 1
        series = {"__name__": f"times_{self.number}"}
        begun = body_of(protocol, [(series, [(self.at, 1.0)])])
        assert self.sender.send(begun, HEADERS[protocol]).status == 204
        counters, before = Counters(self.server), odd_samples(self.server)
        answer = self.sender.send(body_of(protocol, [(series, samples_of(self.at))]),
                                  HEADERS[protocol])
        seen = (answer.status, counters.change("quell_samples_accepted_total"),
                counters.change("quell_samples_rejected_total"))
        self.flush()
        after = odd_samples(self.server)
        return seen, {k: n - before[k] for k, n in after.items() if n != before[k]}


def time_rows():
    """(name, samples by the row's time, (status, accepted, rejected), odd samples by reason)."""
    one, refused = (204, 1, 0), (400, 0, 1)
    return [
        ("a later sample", lambda at: [(at + 1000, 2.0)], one, {}),
        ("the same time and value again", lambda at: [(at, 1.0)], one, {"duplicate": 1}),
        ("the same time, another value", lambda at: [(at, 2.0)], one, {"duplicate_time": 1}),
        ("older than the closed steps", lambda at: [(at - 10_000, 3.0)], one, {"late": 1}),
        ("out of order inside a request, the step still open: put in order",
         lambda at: [(at + 2000, 4.0), (at + 1000, 3.0)], (204, 2, 0), {}),
        ("a stale marker", lambda at: [(at + 1000, STALE)], one, {"stale_marker": 1}),
        ("a NaN", lambda at: [(at + 1000, NORMAL_NAN)], one, {"not_finite": 1}),
        ("two hours ahead", lambda at: [(now_ms() + 2 * HOUR, 1.0)], refused, {}),
        ("eleven minutes ahead", lambda at: [(now_ms() + 660_000, 1.0)], refused, {}),
        ("int64 max", lambda at: [(INT64_MAX, 1.0)], refused, {}),
        ("int64 min", lambda at: [(INT64_MIN, 1.0)], refused, {}),
        ("before 1970", lambda at: [(-1, 1.0)], refused, {}),
        ("one of two ahead: the other is kept",
         lambda at: [(at + 1000, 5.0), (now_ms() + 2 * HOUR, 1.0)], (400, 1, 1), {}),
    ]


def times_and_repetitions(box):
    server = start(box)
    sender, table = Sender(server), Table("times")
    timeline = Timeline(server, sender)
    timeline.flush()
    for protocol in (1, 2):
        for row, samples_of, want, reasons in time_rows():
            table.row(f"{protocol}.0 {row}", (want, reasons), timeline.row(protocol, samples_of))
        for row, old in (("an hour old", HOUR), ("a year old", 365 * 24 * HOUR), ("of 1970", None)):
            seen, odd = timeline.row(
                protocol, lambda at, old=old: [(0 if old is None else at - old, 1.0)])
            table.row(f"{protocol}.0 {row}: taken, and counted as odd", ((204, 1, 0), 1),
                      (seen, sum(odd.values())), str(odd))
    sender.close()
    table.done()


def poison_moves_no_clock(box):
    """One sample far ahead must not keep the others from being taken and judged."""
    server = start(box)
    sender, table = Sender(server), Table("poison")
    at = now_ms() - 120_000
    for protocol in (1, 2):
        for row, ahead in (("int64 max", INT64_MAX), ("an hour ahead", None)):
            bodies = [body_of(protocol, [(GOOD, [(at + i * 1000, float(i))])]) for i in range(30)]
            for body in bodies[:10]:
                assert sender.send(body, HEADERS[protocol]).status == 204
            odd_samples(server)
            before = server.status()["event_time"]
            answer = sender.send(
                body_of(protocol, [({"__name__": "poison"}, [(ahead or now_ms() + HOUR, 1.0)])]),
                HEADERS[protocol])
            time_after = (odd_samples(server), server.status()["event_time"])[1]
            table.row(f"{protocol}.0 {row}: 400 and the event time stays", (400, before),
                      (answer.status, time_after))
            counters = Counters(server)
            statuses = {sender.send(body, HEADERS[protocol]).status for body in bodies[10:]}
            odd_samples(server)
            table.row(f"{protocol}.0 {row}: later samples of others are taken, none is late",
                      ({204}, 20, 0),
                      (statuses, counters.change("quell_signal_samples_total"),
                       counters.change('quell_signal_samples_odd_total{reason="late"}')))
            judged = counters.change("quell_points_judged_total")
            table.row(f"{protocol}.0 {row}: and judged", True, judged >= 8, f"{judged} points")
            at += 30_000
    sender.close()
    table.done()


def a_request_sent_again_changes_nothing(box):
    server = start(box)
    sender, table = Sender(server), Table("resend")
    timeline = Timeline(server, sender)
    for protocol in (1, 2):
        timeline.flush()
        body = body_of(protocol, [({"__name__": f"again_{protocol}", "i": str(i)},
                                   [(timeline.at + 1000 * k, float(k)) for k in range(5)])
                                  for i in range(20)])
        first = sender.send(body, HEADERS[protocol])
        timeline.flush()
        before, known = odd_samples(server), server.status()["series"]
        again = sender.send(body, HEADERS[protocol])
        timeline.flush()
        odd = {k: n - before[k] for k, n in odd_samples(server).items() if n != before[k]}
        table.row(f"{protocol}.0 a whole request again", (204, 204, written(first)),
                  (first.status, again.status, written(again)))
        table.row(f"{protocol}.0 every sample of it is known, and feeds nothing twice",
                  ({"duplicate": 20, "out_of_order": 80}, known),
                  (odd, server.status()["series"]))
    sender.close()
    table.done()


def kept_samples(box):
    """(sorted pairs of labels, time_ms, eight bytes) of everything in the ended server's journal."""
    return list(journal_file.samples(box.path / "server-data" / "journal",
                                     lambda pairs: tuple(sorted(pairs)), journal_file.bits_of))


def values_and_labels_keep_their_bits(box):
    """What was sent is what the journal holds, read back without Quell's code."""
    server = start(box)
    sender, table, at = Sender(server), Table("bits"), now_ms() - 60_000
    bits = [0x7FF0000000000002, 0x7FF8000000000001, 0x7FF8000000000000, 0xFFF8000000000000,
            0x7FF0000000000001, 0x7FFFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000,
            0x8000000000000000, 0, 1, 0x7FEFFFFFFFFFFFFF, 0x3FF0000000000000]
    sent = {}
    for protocol in (1, 2):
        for pack in (snappy_literals, snappy_copies):
            name = f"bits_{protocol}_{pack.__name__}"
            labels = {"__name__": name, "ünicode.lane": "a\n\"b\u2028", "empty": "", "z": "1", "A": "2"}
            samples = [(at + i, struct.pack("<Q", value)) for i, value in enumerate(bits)]
            for first in range(0, len(samples), 5):
                body = body_of(protocol, [(labels, samples[first:first + 5])], pack)
                assert sender.send(body, HEADERS[protocol]).status == 204
            kept = tuple(sorted((k, v) for k, v in labels.items() if v))
            sent[name] = [(kept, time, value) for time, value in samples]
    sender.close()
    assert server.stop() == 0
    found = kept_samples(box)
    for name, samples in sent.items():
        mine = [one for one in found if dict(one[0])["__name__"] == name]
        for value, want, seen in zip(bits, samples, mine + [None] * len(samples)):
            table.row(f"{name} 0x{value:016x}", want, seen)
    table.row("nothing else is in the journal", sum(map(len, sent.values())), len(found))
    table.done()


def a_series_is_the_same_however_it_is_written(box):
    """Protocol, order of labels, empty labels, unknown fields and packing make no other series."""
    server = start(box)
    sender, table, at = Sender(server), Table("identity"), now_ms() - 60_000
    sorted_labels = [("__name__", "same"), ("a", "1"), ("b", "2"), ("c", "ü")]
    unknown = field(99, b"x")
    shapes = [("sorted", sorted_labels, b""), ("reversed", sorted_labels[::-1], b""),
              ("with an empty label", [("Z", ""), *sorted_labels], b""),
              ("with an unknown field", sorted_labels, unknown)]
    number = 0
    for row, labels, extra in shapes:
        for packed in (None, True, False):
            number += 1
            samples = [(at + number * 10, float(number))]
            if packed is None:
                message, given = request_v1([series_v1(labels, samples, extra=extra)]), V1
            else:
                message = RequestV2().series(labels, samples, packed=packed, extra=extra).encode()
                given = V2
            answer = sender.send(snappy_literals(message), given)
            shape = "1.0" if packed is None else "2.0 packed" if packed else "2.0 unpacked"
            table.row(f"{shape} {row}", 204, answer.status, answer.text[:200])
    odd_samples(server)
    table.row("one live series", 1, int(server.metric("quell_series_first_seen_total")))
    for path in ("fast", "reference"):
        decoded = Counters(server).before[f'quell_write_decoded_total{{path="{path}"}}']
        table.row(f"the {path} path took part", True, decoded > 0)
    sender.close()
    assert server.stop() == 0
    found = kept_samples(box)
    want = [(tuple(sorted_labels), at + i * 10, struct.pack("<d", float(i)))
            for i in range(1, number + 1)]
    table.row("the journal has one series with all samples", want, found)
    table.done()


def a_full_journal_is_503_until_it_is_not(box):
    """Overload, and a failed write that may succeed later: nothing is kept, the sender is told."""
    small = ("snapshot_interval: 1d\njournal:\n  segment_bytes_max: 64KiB\n"
             "  total_bytes_max: 1MiB\n")
    data = box.path / "full"
    server = start(box, "full", small, data)
    sender, table, at = Sender(server), Table("overload"), now_ms() - 120_000

    def body(protocol, number):
        return body_of(protocol, [({"__name__": "full", "pad": f"{number}.{i}." + "x" * 300},
                                   [(at + number, 1.0)]) for i in range(200)])

    number, answer = 0, None
    while number < 100 and (answer is None or answer.status == 204):
        number += 1
        answer = sender.send(body(2, number), V2)
    for protocol, seen in ((2, answer), (1, sender.send(body(1, number), V1))):
        nothing = (0, 0, 0) if protocol == 2 else (None, None, None)
        table.row(f"{protocol}.0 a full journal", (503, True, nothing, True),
                  (seen.status, seen.headers.get("Retry-After", "").isdigit(), written(seen),
                   0 < len(seen.body) <= 1024), seen.text[:200])
    table.row("answers are counted as 5xx", 2,
              int(server.metric('quell_write_responses_total{class="5xx"}')))
    table.row("health is served", 200, server.get("/-/healthy").status)
    sender.close()
    assert server.stop() == 0
    server = start(box, "roomier", small.replace("1MiB", "64MiB"), data)
    sender = Sender(server)
    for protocol in (1, 2):
        answer = sender.send(body(protocol, number), HEADERS[protocol])
        table.row(f"{protocol}.0 the same request once there is room", 204, answer.status)
    sender.close()
    table.done()
