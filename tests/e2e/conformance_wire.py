"""Sections of the specifications on messages and headers: every field of both protocols is read or
skipped as it must be, every shape of a header is understood. Cases for conformance_test.py."""

import struct

from conformance_rows import (V1, V2, Counters, Sender, Table, headers, now_ms, start, with_header,
                              written)
from harness import double_field, field, int_field, varint
from remote_write_wire import (METADATA_TYPES, STALE, V1_TYPE, V2_TYPE, RequestV2, double, exemplar_v1,
                               fixed32_field, histogram, labels_v1, metadata_v1, request_v1, sample,
                               series_v1, snappy_copies, snappy_literals, zigzag)

NAME = {"__name__": "wire_row", "job": "x"}
# A field of each wire type under numbers that nobody uses.
UNKNOWN = (int_field(99, 5) + varint(98 << 3 | 1) + b"12345678" + field(97, b"\xff\x00?")
           + fixed32_field(96, b"1234") + int_field(1 << 28, 1))


def v2_of(**series):
    request = RequestV2()
    labels = series.pop("labels", NAME)
    request.series(labels, **series)
    return request.encode()


def histogram_rows(at):
    """(name, histogram, status): wrong content shows that the field was read."""
    sides = dict(negative=([(0, 1)], [3]), positive=([(-2, 2)], [2, 1]))
    full = dict(count=9, zero=1, schema=3, total=2.5, **sides)
    floats = dict(count=3.5, zero=0.5, floats=True, negative=([(0, 1)], [1.0]),
                  positive=([(1, 2)], [1.0, 1.0]))
    nan = struct.pack("<Q", 0x7FF8000000000001)
    unpacked = histogram(at, count=9, zero=1, schema=3, negative=sides["negative"])
    unpacked += field(11, int_field(1, zigzag(-2)) + int_field(2, 2))
    unpacked += int_field(12, zigzag(2)) + int_field(12, zigzag(1))
    bare = histogram(at, count=2.5, floats=True) + field(11, int_field(2, 2))
    return [
        ("count_int 1, zero_count_int 6, spans and packed deltas 8 9 11 12", histogram(at, **full), 204),
        ("count_int 1 contradicts the buckets", histogram(at, **dict(full, count=10)), 400),
        ("count_float 2, zero_count_float 7, counts 10 13", histogram(at, **floats), 204),
        ("count_float 2 negative", histogram(at, **dict(floats, count=-1.0)), 400),
        ("zero_count_float 7 negative", histogram(at, **dict(floats, zero=-1.0)), 400),
        ("negative_counts 10 negative",
         histogram(at, **dict(floats, negative=([(0, 1)], [-1.0]))), 400),
        ("positive_counts 13 negative",
         histogram(at, **dict(floats, positive=([(0, 1)], [-1.0]))), 400),
        ("sum 3 NaN allows a count above the buckets",
         histogram(at, **dict(full, total=nan, count=10)), 204),
        ("schema 4 is zigzag: -4 is the least", histogram(at, **dict(full, schema=-4)), 204),
        ("schema 4: -5 is unknown", histogram(at, **dict(full, schema=-5)), 400),
        ("schema 4: 9 to 52 are taken", histogram(at, **dict(full, schema=52)), 204),
        ("zero_threshold 5", histogram(at, threshold=0.001, **full), 204),
        ("zero_threshold 5 negative", histogram(at, threshold=-0.5, **full), 400),
        ("zero_threshold 5 NaN", histogram(at, threshold=nan, **full), 400),
        ("count_float 2 infinite", histogram(at, **dict(floats, count=float("inf"))), 400),
        ("sum 3 is a stale marker", histogram(at, count=0, total=STALE), 204),
        ("zero_count_int 6 missing", histogram(at, **dict(full, zero=None)), 400),
        ("negative_spans 8 need two buckets",
         histogram(at, **dict(full, negative=([(0, 2)], [3]))), 400),
        ("negative_deltas 9 below zero",
         histogram(at, **dict(full, negative=([(0, 1)], [-3]))), 400),
        ("positive_spans 11: a second offset below zero",
         histogram(at, count=3, positive=([(0, 1), (-1, 1)], [1, 1])), 400),
        ("positive_deltas 12 unpacked", unpacked, 204),
        ("positive_counts 13 unpacked", bare + double_field(13, 1.0) + double_field(13, 1.5), 204),
        ("reset_hint 14", histogram(at, reset_hint=3, **full), 204),
        ("timestamp 15 two hours ahead", histogram(at + 7200_000, **full), 400),
        ("unknown fields inside a histogram", histogram(at, **full) + UNKNOWN, 204),
        ("no field but the time", int_field(15, at), 204),
    ]


def custom_histogram_rows(at):
    good = dict(schema=-53, count=3, positive=([(0, 2)], [1, 1]))
    return [
        ("custom_values 16", histogram(at, custom=(0.1, 1.0), **good), 204),
        ("custom_values 16 NaN", histogram(at, custom=(0.1, float("nan")), **good), 400),
        ("custom_values 16: spans beyond them",
         histogram(at, custom=(0.1,), schema=-53, count=3, positive=([(0, 3)], [1, 0, 0])), 400),
        ("custom_values 16 descending", histogram(at, custom=(1.0, 0.1), **good), 400),
        ("start_timestamp 17", histogram(at, custom=(0.1, 1.0), start_ms=at - 1000, **good), 204),
    ]


def v1_rows(at):
    """(name, message, status, accepted samples)."""
    one = series_v1(NAME, [(at, 1.0)])
    exemplar = exemplar_v1({"trace_id": "a"}, 0.5, at)
    meta = [metadata_v1(kind, f"m_{kind}", "help", "unit") for kind in METADATA_TYPES]
    reversed_label = field(1, field(2, b"wire_row") + field(1, b"__name__"))
    early = field(2, sample(1.0, at)) + labels_v1(NAME)
    return [
        ("WriteRequest.timeseries 1, repeated", request_v1([one, one, one]), 204, 3),
        ("WriteRequest field 2 (reserved) as number and as bytes",
         request_v1([one], extra=int_field(2, 1) + field(2, b"\xff\xff")), 204, 1),
        ("WriteRequest.metadata 3 alone, all types", request_v1(metadata=meta), 204, 0),
        ("WriteRequest.metadata 3 between series", request_v1(metadata=meta) + field(1, one), 204, 1),
        ("MetricMetadata: a type of the future", request_v1(
            metadata=[int_field(1, 42) + field(2, b"m")]), 204, 0),
        ("TimeSeries.labels 1 after samples 2", request_v1([early]), 204, 1),
        ("Label.value 2 before name 1", request_v1(
            [reversed_label + field(2, sample(1.0, at))]), 204, 1),
        ("TimeSeries.samples 2, several", request_v1(
            [series_v1(NAME, [(at - 2, 1.0), (at - 1, 2.0), (at, 3.0)])]), 204, 3),
        ("Sample.timestamp 2 before value 1", request_v1(
            [labels_v1(NAME) + field(2, int_field(2, at) + double(1, 1.0))]), 204, 1),
        ("Sample.value 1 left out is 0", request_v1(
            [labels_v1(NAME) + field(2, int_field(2, at))]), 204, 1),
        ("Sample.timestamp 2 is an int64: negative takes ten bytes", request_v1(
            [series_v1(NAME, [(-1, 1.0)])]), 400, 0),
        ("TimeSeries.exemplars 3", request_v1([series_v1(NAME, [(at, 1.0)], [exemplar])]), 204, 1),
        ("Exemplar.labels 1 without a name", request_v1(
            [series_v1(NAME, [(at, 1.0)], [exemplar_v1({"": "x"}, 1.0, at)])]), 400, 1),
        ("Exemplar.timestamp 3 two hours ahead", request_v1(
            [series_v1(NAME, [(at, 1.0)], [exemplar_v1({}, 1.0, at + 7200_000)])]), 400, 1),
        ("unknown fields at every level", request_v1(
            [labels_v1(NAME) + field(1, field(1, b"k") + field(2, b"v") + UNKNOWN)
             + field(2, sample(1.0, at) + UNKNOWN) + field(3, exemplar + UNKNOWN) + UNKNOWN],
            [meta[1] + UNKNOWN], UNKNOWN), 204, 1),
        ("a field of another wire type is unknown", request_v1(
            [int_field(1, 7) + int_field(2, 7) + one], extra=int_field(1, 7)), 204, 1),
        ("a series without samples", request_v1([series_v1(NAME)]), 204, 0),
        ("samples and histograms in one series", request_v1(
            [series_v1(NAME, [(at, 1.0)], [], [histogram(at, count=1, zero=1)])]), 204, 1),
        ("an empty request", b"", 204, 0),
        ("a 2.0 body: fields 4 and 5 are not 1.0's", v2_of(samples=[(at, 1.0)]), 204, 0),
    ]


def v2_metadata_rows(at):
    rows = []
    for kind in METADATA_TYPES:
        request = RequestV2()
        request.series(NAME, [(at, 1.0)], metadata=request.metadata(kind, "help", "unit"))
        rows.append((f"Metadata.type 1 {kind}, help_ref 3, unit_ref 4", request.encode(), 204, 1))
    for number, name in ((3, "help_ref"), (4, "unit_ref")):
        rows.append((f"Metadata.{name} {number} out of range",
                     v2_of(samples=[(at, 1.0)], metadata=int_field(number, 999)), 400, 0))
    rows.append(("Metadata field 2 is unknown",
                 v2_of(samples=[(at, 1.0)], metadata=int_field(2, 999) + UNKNOWN), 204, 1))
    return rows


def v2_rows(at):
    one = [(at, 1.0)]
    request = RequestV2()
    exemplars = [request.exemplar({"trace_id": "a"}, 0.5, at, packed) for packed in (True, False)]
    request.series(NAME, one, exemplars=exemplars)
    both = request.encode()
    late = RequestV2().series(NAME, one)
    symbols_last = field(5, late.series_bytes[0]) + b"".join(field(4, s) for s in late.symbols)
    twice = RequestV2().series(NAME, [(at - 1, 1.0)]).series(NAME, one).encode()
    duplicated = b"".join(field(4, s) for s in (b"", b"__name__", b"m", b"m")) + field(
        5, field(1, bytes([1, 3])) + field(2, sample(1.0, at)))
    mixed = RequestV2()
    mixed.refs(NAME)
    numbers = [mixed.ref(text) for pair in NAME.items() for text in pair]
    mixed.series_bytes.append(field(1, bytes(numbers[:2])) + int_field(1, numbers[2])
                              + field(1, bytes(numbers[3:])) + field(2, sample(1.0, at)))
    return [
        ("Request fields 1 to 3 (reserved)",
         field(1, b"\xff") + int_field(2, 9) + field(3, b"x") + v2_of(samples=one), 204, 1),
        ("Request.symbols 4 after the series", symbols_last, 204, 1),
        ("Request.symbols 4 with a string twice", duplicated, 204, 1),
        ("Request.symbols 4: the first is not empty",
         RequestV2("x").series(NAME, one).encode(), 400, 0),
        ("Request.symbols 4 missing", field(5, field(2, sample(1.0, at))), 400, 0),
        ("Request.timeseries 5: the same labels twice", twice, 204, 2),
        ("TimeSeries.labels_refs 1 packed", v2_of(samples=one), 204, 1),
        ("TimeSeries.labels_refs 1 unpacked", v2_of(samples=one, packed=False), 204, 1),
        ("TimeSeries.labels_refs 1 in pieces, packed and not", mixed.encode(), 204, 1),
        ("TimeSeries.labels_refs 1 odd", v2_of(samples=one, extra=int_field(1, 1)), 400, 0),
        ("TimeSeries.labels_refs 1 out of range",
         v2_of(samples=one, extra=field(1, bytes([1, 99]))), 400, 0),
        ("TimeSeries.labels_refs 1 above 32 bits", v2_of(
            samples=one, extra=field(1, bytes([1]) + varint((1 << 32) - 1))), 400, 0),
        ("TimeSeries.samples 2 with start_timestamp 3", v2_of(samples=[(at, 1.0, at - 9)]), 204, 1),
        ("Sample.start_timestamp 3 zero, negative, ahead", v2_of(
            samples=[(at - 2, 1.0, 0), (at - 1, 1.0, -5), (at, 1.0, at + 10**9)]), 204, 3),
        ("TimeSeries.histograms 3", v2_of(histograms=[histogram(at, count=1, zero=1)]), 204, 0),
        ("TimeSeries.exemplars 4 with references packed and not", both, 204, 1),
        ("Exemplar.labels_refs 1 out of range", v2_of(
            samples=one, exemplars=[field(1, bytes([1, 99])) + int_field(3, at)]), 400, 1),
        ("Exemplar.labels_refs 1 odd", v2_of(
            samples=one, exemplars=[field(1, bytes([1])) + int_field(3, at)]), 400, 1),
        ("Exemplar.timestamp 3 two hours ahead", v2_of(
            samples=one, exemplars=[int_field(3, at + 7200_000)]), 400, 1),
        ("TimeSeries field 6, the created timestamp of older senders",
         v2_of(samples=one, created_ms=at - 3600_000), 204, 1),
        ("unknown fields at every level", v2_of(
            samples=one, exemplars=[int_field(3, at) + UNKNOWN], extra=UNKNOWN) + UNKNOWN, 204, 1),
        ("a series without samples and histograms", v2_of(), 400, 0),
        ("samples and histograms in one series", v2_of(
            samples=one, histograms=[histogram(at, count=1, zero=1)]), 400, 0),
        ("an empty request", b"", 204, 0),
        ("symbols alone", field(4, b"") + field(4, b"x"), 204, 0),
        ("a 1.0 body: field 1 is reserved", request_v1([series_v1(NAME, one)]), 204, 0),
    ]


def fields_of_1_0(box):
    server = start(box)
    sender, table, at = Sender(server), Table("fields of 1.0"), now_ms() - 60_000
    rows = v1_rows(at)
    rows += [(f"Histogram: {name}", request_v1([series_v1(NAME, (), (), [h])]), status, 0)
             for name, h, status in histogram_rows(at)]
    for name, message, status, accepted in rows:
        for pack in (snappy_literals, snappy_copies):
            counters = Counters(server)
            answer = sender.send(pack(message), V1)
            seen = (answer.status, counters.change("quell_samples_accepted_total"), written(answer))
            table.row(f"1.0 {name} [{pack.__name__}]", (status, accepted, (None, None, None)), seen,
                      answer.text[:200])
    sender.close()
    table.done()


def fields_of_2_0(box):
    server = start(box)
    sender, table, at = Sender(server), Table("fields of 2.0"), now_ms() - 60_000
    for name, message, status, accepted in v2_rows(at) + v2_metadata_rows(at):
        answer = sender.send(snappy_copies(message), V2)
        table.row(f"2.0 {name}", (status, accepted), (answer.status, written(answer)[0]),
                  answer.text[:200])
    for name, h, status in histogram_rows(at) + custom_histogram_rows(at):
        answer = sender.send(snappy_copies(v2_of(histograms=[h])), V2)
        table.row(f"2.0 Histogram: {name}", (status, (0, int(status == 204), 0)),
                  (answer.status, written(answer)), answer.text[:200])
    request = RequestV2()
    request.series(NAME, [(at, 1.0)], exemplars=[request.exemplar({"a": "b"}, 1.0, at)] * 3)
    request.series(NAME, histograms=[histogram(at, count=1, zero=1)] * 2)
    answer = sender.send(snappy_literals(request.encode()), V2)
    table.row("2.0 Written headers, each its own count", (204, (1, 2, 3)),
              (answer.status, written(answer)))
    sender.close()
    table.done()


def header_rows():
    """(name, headers, status, protocol or 0)."""
    kind, coding, version = "Content-Type", "Content-Encoding", "X-Prometheus-Remote-Write-Version"
    v2_name = "io.prometheus.write.v2.Request"
    rows = [(f"Content-Type {value!r}", with_header(V2, kind, value), 204, protocol)
            for value, protocol in (
                (V1_TYPE, 1), (V2_TYPE, 2), (f"{V1_TYPE};proto=prometheus.WriteRequest", 1),
                (f"{V1_TYPE}; proto={v2_name}", 2), (f"{V1_TYPE} \t;\tproto={v2_name}", 2),
                (f"Application/X-Protobuf;Proto={v2_name}", 2),
                (f'{V1_TYPE};proto="{v2_name}"', 2), (f"{V1_TYPE};charset=utf-8;proto={v2_name}", 2),
                (f"{V1_TYPE};proto={v2_name};q=1", 2), (f"{V1_TYPE};", 1))]
    rows += [(f"Content-Type {value!r}", with_header(V2, kind, value), 415, 0)
             for value in ("application/json", "text/plain", "application/x-protobuf2",
                           f"{V1_TYPE};proto=some.Other", f"{V1_TYPE};proto=",
                           f"{V1_TYPE};proto={v2_name}x", f"{V1_TYPE};proto={v2_name.upper()}",
                           "application/octet-stream", "multipart/form-data; boundary=x")]
    rows += [(f"Content-Encoding {value!r}", with_header(V2, coding, value), 204, 2)
             for value in ("snappy", "Snappy", " snappy\t")]
    rows += [(f"Content-Encoding {value!r}", with_header(V2, coding, value), 415, 0)
             for value in ("gzip", "deflate", "br", "zstd", "identity", "snappy, gzip", "x-snappy",
                           "snappy-framed")]
    return rows + [
        ("no Content-Type is 1.0", with_header(V1, kind, None), 204, 1),
        ("no Content-Encoding is snappy", with_header(V2, coding, None), 204, 2),
        ("neither", [("User-Agent", "x")], 204, 1),
        ("no version header", with_header(V2, version, None), 204, 2),
        ("version 2.0.0 on a 1.0 body", with_header(V1, version, "2.0.0"), 204, 1),
        ("version 0.1.0 on a 2.0 body", with_header(V2, version, "0.1.0"), 204, 2),
        ("version 99", with_header(V2, version, "99"), 204, 2),
        ("no User-Agent", with_header(V2, "User-Agent", None), 204, 2),
        ("Retry-Attempt", with_header(V2, "Retry-Attempt", "3"), 204, 2),
        ("names in lower case", [(k.lower(), v) for k, v in V2], 204, 2),
        ("names in upper case", [(k.upper(), v) for k, v in V2], 204, 2),
    ]


def clients():
    """What other senders put on the wire, from their sources."""
    return [
        ("Prometheus 2.42", headers(V1_TYPE, "0.1.0", agent="Prometheus/2.42.0+ds"), 204, 1),
        ("Prometheus 3.x, 2.0", headers(V2_TYPE, "2.0.0", agent="Prometheus/3.8.1"), 204, 2),
        ("Grafana Alloy (Prometheus' client)", headers(
            V1_TYPE, "0.1.0", agent="Alloy/v1.11.3 (linux; docker)"), 204, 1),
        ("OpenTelemetry Collector, 1.0", headers(
            V1_TYPE, "0.1.0", agent="opentelemetry-collector-contrib/0.135.0"), 204, 1),
        ("OpenTelemetry Collector, 2.0", headers(
            V2_TYPE, "2.0.0", agent="opentelemetry-collector-contrib/0.135.0"), 204, 2),
        ("vmagent, snappy", headers(V1_TYPE, "0.1.0", agent="vmagent"), 204, 1),
        ("vmagent's own protocol: 415, then it goes on with snappy",
         [("User-Agent", "vmagent"), ("Content-Type", V1_TYPE), ("Content-Encoding", "zstd"),
          ("X-VictoriaMetrics-Remote-Write-Version", "1")], 415, 0),
    ]


def headers_decide_before_the_body(box):
    server = start(box)
    sender, table, at = Sender(server), Table("headers"), now_ms() - 60_000
    bodies = {1: snappy_copies(request_v1([series_v1(NAME, [(at, 1.0)])])),
              2: snappy_copies(v2_of(samples=[(at, 1.0)])), 0: b"\xff corrupt as well"}
    for name, given, status, protocol in header_rows() + clients():
        counters = Counters(server)
        answer = sender.send(bodies[protocol], given)
        want = (1, 0, 0) if protocol == 2 else (None, None, None)
        table.row(name, (status, int(protocol > 0), want, status >= 400),
                  (answer.status, counters.change("quell_samples_accepted_total"),
                   written(answer), len(answer.body) > 0), answer.text[:200])
    answer = sender.send(b"", clients()[5][1], path="/api/v1/write?get_vm_proto_version=1")
    table.row("vmagent asks for its own protocol: 400, then it goes on with snappy", 400, answer.status)
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        body = None if method in ("GET", "HEAD") else bodies[2]
        answer = sender.send(body, V2, method)
        table.row(f"method {method}", 405, answer.status)
        sender.close()
    answer = sender.send(bodies[2], with_header(V2, "Connection", "close"))
    table.row("the next request is served", 204, answer.status)
    sender.close()
    table.done()
