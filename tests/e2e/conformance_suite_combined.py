"""The rest of the receiver suite's cases: combined requests, edge cases, request validation, 1.0."""

from conformance_rows import V1, with_header
from conformance_suite import HOUR, MINUTE, Case, hist, named, v2
from remote_write_wire import request_v1, series_v1, snappy_copies


def combined_cases():
    def trace(value, **labels):
        return [(labels, value, 0)]

    request = named("http_requests_total", job="api", method="POST")
    yield Case("TestSamplesWithMetadataAndExemplars",
               v2([dict(labels=request, value=1.0, exemplars=trace(1.0, trace_id="t1", user_id="u"))],
                  {"http_requests_total": ("counter", "Total requests", "requests")}), (1, 0, 1))
    duration = {"request_duration_seconds": ("histogram", "Duration", "seconds")}
    yield Case("TestHistogramsWithMetadataAndExemplars",
               v2([dict(labels=named("request_duration_seconds", service="auth"), hist=hist(0.456),
                        exemplars=trace(0.456, trace_id="slow", endpoint="/login"))], duration),
               (0, 1, 1))
    yield Case("TestComplexSamplesRequest",
               v2([dict(labels=named("cpu_usage", instance="server1"), value=0.85,
                        exemplars=trace(0.85, trace_id="high_cpu")),
                   dict(labels=named("memory_usage", instance="server1"), value=8589934592.0)],
                  {"cpu_usage": ("gauge", "CPU", "ratio"), "memory_usage": ("gauge", "Mem", "bytes")}),
               (2, 0, 1))
    yield Case("TestComplexHistogramsRequest",
               v2([dict(labels=named("response_time_hist", endpoint="/api/v1/users"),
                        hist=hist(0.125, True, False, True),
                        exemplars=trace(0.125, trace_id="fast_response")),
                   dict(labels=named("request_size_hist", method="POST"),
                        hist=hist(1024, False, True, True))],
                  {"response_time_hist": ("histogram", "Time", "seconds"),
                   "request_size_hist": ("histogram", "Size", "bytes")}), (0, 2, 1))
    yield Case("TestMultipleMetricFamiliesSamples",
               v2([dict(labels=named("http_requests_total", status="200"), value=1000.0,
                        exemplars=trace(1000.0, trace_id="successful_request")),
                   dict(labels=named("temperature_celsius", location="datacenter1"), value=23.5)],
                  {"http_requests_total": ("counter", "Requests", "requests"),
                   "temperature_celsius": ("gauge", "Temperature", "celsius")}), (2, 0, 1))
    yield Case("TestMultipleMetricFamiliesHistograms",
               v2([dict(labels=named("request_duration_seconds", handler="/metrics"),
                        hist=hist(0.003, True, False, True),
                        exemplars=trace(0.003, trace_id="metrics_scrape"))], duration), (0, 1, 1))
    yield Case("TestManySamples",
               v2([dict(labels=named(f"counter_metric_{i}", series=f"series_{i}"), value=i * 100.0,
                        exemplars=trace(i * 100.0, trace_id=f"trace_{i}")) for i in range(50)],
                  {f"counter_metric_{i}": ("counter", f"Number {i}", "count") for i in range(50)}),
               (50, 0, 50))
    yield Case("TestManyHistograms",
               v2([dict(labels=named(f"histogram_metric_{i}", bucket=f"bucket_{i}"),
                        hist=hist(i / 10, True, i % 2 == 0, True),
                        exemplars=trace(i / 10, trace_id=f"trace_{i}")) for i in range(50)],
                  {f"histogram_metric_{i}": ("histogram", f"{i}", "seconds") for i in range(50)}),
               (0, 50, 50))
    special = named("test_metric", job="test-job_with.special@chars", environment="test🚀")
    yield Case("TestSpecialCharactersCombined",
               v2([dict(labels=special, value=42.0, exemplars=trace(42.0, trace_id="special_äöü-1"))],
                  {"test_metric": ("gauge", "äöü, newlines\nand \"quotes\"", "special/units")}),
               (1, 0, 1))
    yield Case("TestCustomBucketsHistogramWithExemplar",
               v2([dict(labels=named("custom_latency_hist", version="v2"),
                        hist=hist(0.05, False, False, False, custom=True),
                        exemplars=trace(0.05, trace_id="custom_bucket_trace"))]), (0, 1, 1))


def edge_cases():
    orphan = named("orphan_metric")
    yield Case("TestEdgeCaseCombinations/metadata_without_data",
               v2([dict(labels=orphan)], {"orphan_metric": ("counter", "Orphaned", "count")}),
               ours=400, variants=False)
    yield Case("TestEdgeCaseCombinations/exemplars_without_data",
               v2([dict(labels=orphan, exemplars=[({"trace_id": "orphan_trace"}, 42.0, 0)])]),
               (0, 0, 1), ours=400, variants=False)
    yield Case("TestEdgeCaseCombinations/mixed_timestamp_data",
               v2([dict(labels=named("old_metric"), value=1.0, ago=HOUR,
                        exemplars=[({"trace_id": "old_trace"}, 1.0, 30 * MINUTE)]),
                   dict(labels=named("new_metric"), value=2.0)]), (2, 0, 1), variants=False)


def corrupted(build, byte, name=None, value=None):
    """The request with its first body byte overwritten, and perhaps a header replaced."""
    def changed(now):
        headers, body = build(now)
        if name is not None:
            headers = with_header(headers, name, value)
        return headers, byte + body[1:]
    return changed


def request_cases():
    simple = v2([dict(labels=named("up"), value=1.0)])
    refused = dict(success=False, variants=False)
    for content_type in ("application/json", "image/png"):
        yield Case(f"TestBadContentTypes/{content_type.replace('/', '_')}",
                   corrupted(simple, b"0", "Content-Type", content_type), exact=415, ours=415,
                   **refused)
    for encoding in ("gzip", "deflate"):
        yield Case(f"TestBadContentEncodings/{encoding}",
                   corrupted(simple, b"0", "Content-Encoding", encoding), exact=415, ours=415,
                   **refused)
    yield Case("TestCorruptRequestBody", corrupted(simple, b"0"), ours=400, **refused)


def rw1_cases():
    bare = with_header(with_header(V1, "X-Prometheus-Remote-Write-Version", None), "User-Agent",
                       "Go-http-client/1.1")

    def rw1(*given):
        def build(now):
            return bare, snappy_copies(request_v1(
                [series_v1(labels, [(now, value)]) for labels, value in given]))
        return build
    yield Case("TestRW1BasicCompatibility",
               rw1((named("up", job="testjob", instance="localhost:9090"), 1.0),
                   (named("http_requests_total"), 100.0)), variants=False)
    yield Case("TestRW1ErrorHandling", corrupted(rw1((named("error_test"), 1.0)), b"\xff"),
               success=False, ours=400, variants=False)
