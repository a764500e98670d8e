"""Malformed histories and labels: the place is named, the exit code is 1. And `quell score`."""

import csv
import math

from harness import quell, run

GOOD = "# TYPE queue_depth gauge\nqueue_depth 1 1000\nqueue_depth 1 1030\n# EOF\n"


def replay(box, source, *more):
    return quell("replay", "--quiet", "--input", source, "--out", box.path / "report", *more)


def refused(done, *words):
    assert done.returncode == 1, f"exit {done.returncode}: {done.stdout} {done.stderr}"
    for word in words:
        assert word in done.stderr, f"{word!r} is not in: {done.stderr}"


def malformed_openmetrics_names_the_place(box):
    for text, place in (
            ("queue_depth 1 1000\nqueue_depth{a=\"b 2 1000\n# EOF\n", ":2:"),
            ("queue_depth 1 1000\nqueue_depth one 1030\n# EOF\n", ":2:13"),
            ("queue_depth 1 1000\nqueue_depth 1\n# EOF\n", ":2:"),
            ("queue_depth{a=} 1 1000\n# EOF\n", ":1:"),
            ("queue_depth 1 1000\n\x00\x01\x02\n# EOF\n", ":2:")):
        path = box.write("bad.om", text)
        refused(replay(box, f"openmetrics:{path}"), f"{path}{place}")


def malformed_csv_names_the_place(box):
    for text, place in (
            ("timestamp,value\n1000,1\n1030,many\n", ":3:6"),
            ("timestamp,value\n1000,1\nlater,2\n", ":3:1"),
            ("timestamp,value\n1000,1,7\n", ":2:"),
            ("value\n1\n", ":1:"),
            ("timestamp,value\n1000,\"1\n", ":2:")):
        path = box.write("bad.csv", text)
        refused(replay(box, f"csv:{path}"), f"{path}{place}")


def malformed_incidents_name_the_place(box):
    history = box.write("good.om", GOOD)
    for text, place in (
            ('{"incidents": [\n  {"id": "a", "start": "2026-01-01T00:00:00Z",,}\n]}', ":2:"),
            ('{"incidents": [\n  {"id": "a", "start": "yesterday",'
             ' "end": "2026-01-01T00:00:00Z"}\n]}', ":2:"),
            ('{"incidents": [\n  {"id": "a", "start": "2026-01-02T00:00:00Z",\n'
             '   "end": "2026-01-01T00:00:00Z"}\n]}', ":")):
        path = box.write("incidents.json", text)
        refused(replay(box, f"openmetrics:{history}", "--incidents", path), f"{path}{place}")


def missing_files_and_sources_are_named(box):
    refused(replay(box, "openmetrics:/no/such/file"), "/no/such/file")
    refused(replay(box, f"journal:{box.path / 'nowhere'}"), "nowhere")
    refused(replay(box, "parquet:x"), "parquet:x", "openmetrics:PATH")
    history = box.write("good.om", GOOD)
    refused(replay(box, f"openmetrics:{history}", "--incidents", box.path / "gone.json"),
            "gone.json")
    refused(replay(box, f"openmetrics:{history}", "--changes", box.path / "gone.json"), "gone.json")
    refused(replay(box, f"openmetrics:{history}", "--evaluate-from", "noon"), "--evaluate-from",
            "noon")
    refused(replay(box, "prometheus:http://127.0.0.1:1"), "--from")


def a_corrupt_journal_names_file_and_offset(box):
    folder = box.path / "journal"
    folder.mkdir()
    (folder / "00000000000000000001.qj").write_bytes(b"NOTAQUELLJOURNAL")
    refused(replay(box, f"journal:{folder}"), "00000000000000000001.qj", "offset 0")


def score_gives_a_score_a_row(box):
    rows = [(1_700_000_000 + 300 * i,
             100 + 20 * math.sin(i / 46) + (i * 7919 % 13) / 13 + (80 if 1500 <= i < 1506 else 0))
            for i in range(2000)]
    path = box.write("series.csv",
                     "timestamp,value\n" + "".join(f"{t},{v:.6f}\n" for t, v in rows))
    out = box.path / "scores.csv"
    done = quell("score", "--input", f"csv:{path}", "--out", out)
    assert done.returncode == 0 and "2000 rows" in done.stdout, done.stderr + done.stdout
    with open(out) as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == len(rows)
    scores = [float(row["score"]) for row in scored]
    assert all(0 <= s <= 1 for s in scores)
    assert [float(row["value"]) for row in scored[:3]] == [round(v, 6) for _, v in rows[:3]]
    assert max(scores[1500:1506]) >= max(scores[1000:1500]), "the jump is the rarest by far"

    before = out.read_bytes()
    cut = box.write("cut.csv", "\n".join(path.read_text().splitlines()[:1001]) + "\n")
    quell("score", "--input", f"csv:{cut}", "--out", out)
    assert before.startswith(out.read_bytes()), "scores of the past must not know the future"

    refused(quell("score", "--input", "csv:/no/such.csv", "--out", out), "/no/such.csv")
    refused(quell("score", "--input", "series.csv", "--out", out), "csv:FILE")


def wide_rows(count):
    """A row a minute of five series; from row 900 on three of them are a little higher."""
    rows = []
    for i in range(count):
        values = [100 * k + (i * (7919 + 2 * k) % 101) / 101 for k in range(1, 6)]
        if 900 <= i < 910:
            values[:3] = [value + 1.5 for value in values[:3]]
        rows.append((1_700_000_000 + 60 * i, values))
    return rows


def score_takes_a_column_a_series(box):
    names = ["cpu", "errors{zone=\"a\"}", "errors{zone=\"b\"}", "queue", "latency"]
    head = ",".join(["ts", *('"' + name.replace('"', '""') + '"' for name in names)]) + "\n"
    lines = [f"{t}," + ",".join(f"{v:.6f}" for v in values) + "\n" for t, values in wide_rows(1000)]
    lines[700] = f"{1_700_000_000 + 60 * 700},,1,,,\n"  # cells without a sample
    path = box.write("wide.csv", head + "".join(lines))
    out = box.path / "scores.csv"
    done = quell("score", "--input", f"csv:{path}", "--out", out)
    assert done.returncode == 0 and "1000 rows" in done.stdout, done.stderr + done.stdout
    with open(out) as file:
        scored = list(csv.DictReader(file))
    assert len(scored) == 1000
    tails = [float(row["tail"]) for row in scored]
    assert all(0 <= float(row["score"]) <= 1 and 0 < tail <= 1 for row, tail in zip(scored, tails))
    assert all(tail == 1 for tail in tails[:149]), "nothing is known yet"
    assert min(tails[900:905]) < 1e-3, tails[900:905]
    struck = scored[900]
    assert {struck["first"], struck["second"], struck["third"]} == set(names[:3]), struck

    whole = out.read_bytes()
    cut = box.write("cut.csv", head + "".join(lines[:600]))
    quell("score", "--input", f"csv:{cut}", "--out", out)
    assert whole.startswith(out.read_bytes()), "scores of the past must not know the future"


def malformed_wide_csv_names_the_place(box):
    out = box.path / "none.csv"
    for text, place, words in (
            ("a,b\n1,2\n", ":1:1", "timestamp"),
            ("ts,a,b\n60,1,2\n120,1\n", ":3:1", "2 fields"),
            ("ts,a,b\n60,1,2\n120,1,2,3\n", ":3:1", "4 fields"),
            ("ts,a,b\n60,1,2\n120,1,NaN\n", ":3:7", "not finite"),
            ("ts,a,b\n60,1,2\n120,+Inf,1\n", ":3:5", "not finite"),
            ("ts,a,b\n60,1,2\n120,many,1\n", ":3:5", "number"),
            ("ts,a,b\n60,1,2\n30,1,2\n", ":3:4", "earlier"),
            ("ts,a,b\n60,1,2\n60,1,2\n", ":3:4", "has the time"),
            ("ts,a,a\n60,1,2\n", ":1:6", "twice"),
            ("ts,a,no good\n60,1,2\n", ":1:", "no good"),
            ("ts,zone,value\n60,a,2\n60,b,2\n", ":3:", "as columns")):
        path = box.write("bad.csv", text)
        refused(quell("score", "--input", f"csv:{path}", "--out", out), f"{path}{place}", words)
        assert not out.exists(), text


if __name__ == "__main__":
    run(malformed_openmetrics_names_the_place,
        malformed_csv_names_the_place,
        malformed_incidents_name_the_place,
        missing_files_and_sources_are_named,
        a_corrupt_journal_names_file_and_offset,
        score_gives_a_score_a_row,
        score_takes_a_column_a_series,
        malformed_wide_csv_names_the_place)
