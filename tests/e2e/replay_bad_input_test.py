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


if __name__ == "__main__":
    run(malformed_openmetrics_names_the_place,
        malformed_csv_names_the_place,
        malformed_incidents_name_the_place,
        missing_files_and_sources_are_named,
        a_corrupt_journal_names_file_and_offset,
        score_gives_a_score_a_row)
