"""Limits of a receiver, each at and above its bound, and bombs: small requests that would decode to
gigabytes. Cases for conformance_test.py."""

import re

from conformance_rows import V1, V2, Counters, Sender, Table, body_of, now_ms, start, written
from harness import field, varint
from remote_write_wire import snappy_copies, snappy_literals, snappy_repeat

HEADERS = {1: V1, 2: V2}
SMALL = """limits:
  request_bytes_max: 8KiB
  decoded_bytes_max: 16KiB
  series_per_request_max: 5
  samples_per_request_max: 20
  labels_per_series_max: 4
  label_name_bytes_max: 16
  label_value_bytes_max: 32
  future_max: 1m
"""
MIB = 1 << 20
# A bomb may cost its decoded bytes (decoded_bytes_max, 32 MiB) and its wire bytes, not its elements.
BOMB_GROWTH_MAX = 100 * MIB
LEGITIMATE_GROWTH_MAX = 256 * MIB


def small_limits(at):
    """(name, series, (status, kept, series refused), what the reason must hold)."""
    name = "__name__"

    def series(count, samples=1):
        return [({name: "m", "i": str(i)}, [(at + k, 1.0) for k in range(samples)])
                for i in range(count)]

    def one(*labels):
        return [([(name, "m"), *labels], [(at, 1.0)])]

    return [
        ("series_per_request_max: at it", series(5), (204, 5, 0), ""),
        ("series_per_request_max: above", series(6), (400, 0, 0), "more than 5 series"),
        ("samples_per_request_max: at it", series(4, 5), (204, 20, 0), ""),
        ("samples_per_request_max: above", series(3, 7), (400, 0, 0), "more than 20 samples"),
        ("labels_per_series_max: at it", one(("a", "1"), ("b", "2"), ("c", "3")), (204, 1, 0), ""),
        ("labels_per_series_max: above", one(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")),
         (400, 0, 1), "the limit is 4"),
        ("label_name_bytes_max: at it", one(("n" * 16, "1")), (204, 1, 0), ""),
        ("label_name_bytes_max: above", one(("n" * 17, "1")), (400, 0, 1), "longer than 16 bytes"),
        ("label_value_bytes_max: at it", one(("a", "v" * 32)), (204, 1, 0), ""),
        ("label_value_bytes_max: above", one(("a", "v" * 33)), (400, 0, 1), "longer than 32 bytes"),
        ("label_value_bytes_max: the metric's name", [({name: "m" * 33}, [(at, 1.0)])], (400, 0, 1),
         "longer than 32 bytes"),
        ("future_max: within", [({name: "m"}, [(now_ms() + 30_000, 1.0)])], (204, 1, 0), ""),
        ("future_max: above", [({name: "m"}, [(now_ms() + 90_000, 1.0)])], (400, 0, 0), "1m"),
    ]


def each_limit_has_its_status_and_counter(box):
    server = start(box, extra=SMALL)
    sender, table, at = Sender(server), Table("limits"), now_ms() - 60_000
    for protocol in (1, 2):
        for row, series, (status, kept, refused), says in small_limits(at):
            counters = Counters(server)
            answer = sender.send(body_of(protocol, series), HEADERS[protocol])
            kind = 'quell_write_responses_total{class="%dxx"}' % (status // 100)
            seen = (answer.status, counters.change("quell_samples_accepted_total"),
                    counters.change("quell_series_rejected_total"), counters.change(kind),
                    says in answer.text)
            table.row(f"{protocol}.0 {row}", (status, kept, refused, 1, True), seen, answer.text[:200])
        padding = field(99, b"x" * 20_000)
        good = body_of(protocol, [({"__name__": "m"}, [(at, 1.0)])], pack=bytes)
        fits = snappy_repeat(good + varint(99 << 3 | 2) + varint(15_000), b"x", 15_000)
        for row, body, status in (
                ("decoded_bytes_max: below", fits, 204),
                ("decoded_bytes_max: above", snappy_copies(good + padding), 400),
                ("request_bytes_max: above", snappy_literals(good + padding), 413)):
            answer = sender.send(body, HEADERS[protocol])
            table.row(f"{protocol}.0 {row}", (status, status == 204 or len(answer.body) > 0),
                      (answer.status, len(answer.body) > 0 or status == 204), answer.text[:200])
        sender.close()
        answer = sender.send(b"", HEADERS[protocol], length=100_000_000)
        table.row(f"{protocol}.0 request_bytes_max: a declared 100 MB, no body sent", 413,
                  answer.status)
        answer = sender.send(body_of(protocol, [({"__name__": "m"}, [(at, 1.0)])]),
                             HEADERS[protocol])
        table.row(f"{protocol}.0 the next request is served", 204, answer.status)
    sender.close()
    table.done()


def live_series_are_bounded(box):
    """New series above the bound are refused one by one; those that are known go on."""
    bounds = "limits:\n  live_series_max: 12\n  live_series_per_metric_max: 5\n"
    for protocol in (1, 2):
        server = start(box, f"live-{protocol}", bounds)
        sender, table, at = Sender(server), Table(f"live series, {protocol}.0"), now_ms() - 60_000

        def send(metric, numbers, sender=sender, protocol=protocol, at=at, server=server):
            counters = Counters(server)
            answer = sender.send(body_of(protocol, [({"__name__": metric, "i": str(i)}, [(at, 1.0)])
                                                    for i in numbers]), HEADERS[protocol])
            refused = "quell_new_series_refused_total{limit=\"live_series%s_max\"}"
            return (answer.status, counters.change("quell_samples_accepted_total"),
                    counters.change("quell_samples_refused_total"),
                    counters.change(refused % "_per_metric"), counters.change(refused % ""),
                    written(answer)[0] if protocol == 2 else None, 0 < len(answer.body) <= 1024)

        def told(kept):
            return kept if protocol == 2 else None

        for row, metric, numbers, want in (
                ("at live_series_per_metric_max", "a", range(5), (204, 5, 0, 0, 0, told(5), False)),
                ("one above it", "a", [3, 4, 5], (400, 2, 1, 1, 0, told(2), True)),
                ("known ones go on", "a", range(5), (204, 5, 0, 0, 0, told(5), False)),
                ("another metric", "b", range(5), (204, 5, 0, 0, 0, told(5), False)),
                ("at live_series_max", "c", range(2), (204, 2, 0, 0, 0, told(2), False)),
                ("above it", "d", range(2), (400, 0, 2, 0, 2, told(0), True)),
                ("known ones still go on", "c", range(2), (204, 2, 0, 0, 0, told(2), False))):
            table.row(f"{protocol}.0 {row}", want, send(metric, numbers))
        sender.close()
        table.done()


def wrap(number, size):
    """The head of a length-delimited field of `size` bytes."""
    return varint(number << 3 | 2) + varint(size)


def nested(path, unit, times):
    """unit * times inside the fields of `path`, outermost first; the heads alone."""
    heads, size = b"", len(unit) * times
    for number in reversed(path):
        head = wrap(number, size)
        heads, size = head + heads, size + len(head)
    return heads


def bombs():
    """(name, protocol, body, status)."""
    times = 16 * MIB - 4096
    empty = {n: bytes([n << 3 | 2, 0]) for n in range(1, 16)}

    def deep(name, protocol, path, unit, status=400, count=times):
        head = b"\x22\x00" if protocol == 2 else b""
        return (name, protocol, snappy_repeat(head + nested(path, unit, count), unit, count), status)

    yield "40 bytes declare 2.5 GB", 1, varint(2_500_000_000) + b"x" * 35, 400
    yield "40 bytes declare 2.5 GB", 2, varint(2_500_000_000) + b"x" * 35, 400
    yield "5 bytes declare 4 GiB - 1", 1, b"\xff\xff\xff\xff\x0f", 400
    yield "40 bytes declare 32 MiB", 1, varint(32 * MIB) + b"x" * 36, 400
    yield deep("16 million empty series", 1, [], empty[1])
    yield deep("16 million empty series", 2, [], empty[5])
    yield deep("16 million symbols", 2, [], empty[4])
    yield deep("16 million labels", 1, [1], empty[1])
    yield deep("32 million packed references", 2, [5, 1], b"\x00", count=2 * times)
    yield deep("16 million unpacked references", 2, [5], b"\x08\x00")
    yield deep("16 million samples", 1, [1], empty[2])
    yield deep("16 million samples", 2, [5], empty[2])
    yield deep("16 million exemplars", 1, [1], empty[3])
    yield deep("16 million exemplars", 2, [5], empty[4])
    yield deep("16 million exemplar labels", 1, [1, 3], empty[1])
    yield deep("32 million exemplar references", 2, [5, 4, 1], b"\x00", count=2 * times)
    for protocol, path in ((1, [1, 4]), (2, [5, 3])):
        yield deep("16 million histograms", protocol, path[:1], empty[path[1]])
        yield deep("16 million positive spans", protocol, path, empty[11])
        yield deep("32 million packed deltas", protocol, path + [12], b"\x00", count=2 * times)
        yield deep("16 million unpacked deltas", protocol, path, b"\x60\x00")
        yield deep("4 million packed counts", protocol, path + [13], b"\x00" * 8, count=times // 4)
        yield deep("4 million custom values", protocol, path + [16], b"\x00" * 8, count=times // 4)
    yield deep("16 million metadata entries", 1, [], empty[3], 204)
    yield deep("16 million metadata entries of a series", 2, [5], empty[5])
    yield deep("16 million unknown fields", 1, [], empty[9], 204)
    yield deep("16 million unknown fields", 2, [], empty[9], 204)
    yield deep("32 million open groups", 1, [], b"\x0b", count=2 * times)
    yield deep("32 million open groups in a series", 2, [5], b"\x0b", count=2 * times)


def memory(server, what):
    text = open(f"/proc/{server.popen.pid}/status", encoding="ascii").read()
    return int(re.search(rf"^{what}:\s+(\d+) kB", text, re.M).group(1)) * 1024


def bombs_cost_no_memory(box):
    """Peak resident memory (VmHWM) over all bombs, on a server that has served a little before."""
    server = start(box)
    sender, table, at = Sender(server), Table("bombs"), now_ms() - 60_000
    good = {p: body_of(p, [({"__name__": "m"}, [(at, 1.0)])]) for p in (1, 2)}
    for protocol in (1, 2):
        assert sender.send(good[protocol], HEADERS[protocol]).status == 204
    base = memory(server, "VmRSS")
    for row, protocol, body, status in bombs():
        before = memory(server, "VmHWM")
        answer = sender.send(body, HEADERS[protocol])
        peak = memory(server, "VmHWM")
        within = peak - base <= BOMB_GROWTH_MAX or peak == before  # the one that passed it failed
        table.row(f"{protocol}.0 {row} in {len(body):,} bytes", (status, True),
                  (answer.status, within),
                  f"+{(peak - base) / MIB:.0f} MiB, {(peak - before) / MIB:.0f} of it by this one; "
                  f"{answer.text[:150]}")
    print(f"    peak memory over all bombs: {base / MIB:.0f} MiB before, "
          f"{memory(server, 'VmHWM') / MIB:.0f} MiB at most")
    answer = sender.send(good[2], V2)
    table.row("the next request is served", (204, (1, 0, 0)), (answer.status, written(answer)))
    sender.close()
    table.done()


def the_largest_allowed_request_is_taken(box):
    """100,000 series of one sample: the bound on elements does not come from a bound on time."""
    server = start(box)
    sender, table, at = Sender(server), Table("largest"), now_ms() - 60_000
    base = memory(server, "VmRSS")
    for protocol in (1, 2):
        body = body_of(protocol, [([("__name__", "m"), ("i", str(i))], [(at, 1.0)])
                                  for i in range(100_000)])
        answer = sender.send(body, HEADERS[protocol])
        growth = memory(server, "VmHWM") - base
        table.row(f"{protocol}.0 100,000 series", (204, True),
                  (answer.status, growth < LEGITIMATE_GROWTH_MAX), f"+{growth / MIB:.0f} MiB")
    sender.close()
    table.done()
