"""Months in a few seconds: a real Prometheus' history is backfilled, killed on the way and run again;
`serve` then knows its signals, and pages nothing of a past outage."""

import json
import time

from harness import (PROMETHEUS, PROMTOOL, QUELL, SANDBOX, free_port, needs, prometheus_over, quell,
                     run, simulate, wait_until)

START, END = "2026-06-01T00:00:00Z", "2026-06-05T00:00:00Z"
HISTORY = ("--seed", "5", "--series", "50", "--interval", "60s", "--start", START,
           "--duration", "4d", "--quiet-start", "3d", "--incidents-per-week", "0",
           "--lookalikes-per-week", "0", "--inject", "psp_outage,psp=acme,+3d10h,40m")
KILLS = 3


def start_prometheus(box):
    simulate(*HISTORY, "--out", box.path / "history")
    return prometheus_over(box, box.path / "history" / "metrics.om")


def options(box, url, data, *more):
    return ("backfill", "--prometheus", url, "--from", START, "--to", END,
            "--data-dir", box.path / data, *more)


def segments(box, data):
    return {path.name: path.read_bytes() for path in (box.path / data / "journal").glob("*.qj")}


def kill_and_go_on(box, url):
    """Runs to its end in spite of kills, each after some more windows."""
    progress = box.path / "killed-data" / "backfill" / "progress.json"

    def windows():
        return json.loads(progress.read_text())["windows"] if progress.exists() else 0

    slow = options(box, url, "killed-data", "--samples-per-second-max", "100000")
    for number in range(KILLS):
        child = box.start(f"backfill-{number}", QUELL, *slow)
        before = windows()
        wait_until("some windows more", lambda: windows() >= before + 3 or not child.alive())
        assert child.alive(), f"it ended before it was killed: {child.err()}"
        child.kill()
    assert 0 < windows(), "nothing was kept of the runs before"
    other = quell(*options(box, url, "killed-data", "--selector", "up"))
    assert other.returncode == 1 and "--restart" in other.stderr, other.stderr
    last = quell(*options(box, url, "killed-data"))
    assert last.returncode == 0, last.stderr
    assert "going on with a backfill" in last.stderr, last.stderr


def history_is_learned_and_pages_nothing(box):
    needs(PROMETHEUS, PROMTOOL, SANDBOX)
    url = start_prometheus(box)
    begun = time.monotonic()
    whole = quell(*options(box, url, "whole-data"))
    assert whole.returncode == 0, whole.stderr
    print(f"    {whole.stdout.splitlines()[0]} in {time.monotonic() - begun:.1f} s")
    assert "backfill" in whole.stderr and "series" in whole.stderr, whole.stderr
    kill_and_go_on(box, url)
    assert segments(box, "killed-data") == segments(box, "whole-data"), "the journals differ"

    pages = box.sandbox()
    port = free_port()
    data = box.path / "killed-data"
    server = box.serve("server", "--config", box.config("q", port, pages, data=data), port=port)
    assert "learned" in server.err(), server.err()
    rows = server.rows("signals")
    assert len(rows) > 10, rows
    warm = [row for row in rows if row["verdict"] not in ("", "insufficient_evidence")]
    assert len(warm) >= len(rows) * 0.8, rows
    assert any(row["expected"] > 0 for row in warm), warm
    beside = quell(*options(box, url, "killed-data"))
    assert beside.returncode == 1, beside.stdout
    assert "a server is running on data_dir" in beside.stderr, beside.stderr
    server.wait_delivered()
    assert pages.events() == [], pages.events()
    assert not (data / "relearn").exists()
    assert server.stop() == 0
    assert pages.events() == [], "it paged for the past"

    again = box.serve("again", "--config", box.config("q2", port, pages, data=data), port=port)
    assert "learning from the journal" not in again.err(), "it learned twice"
    assert len(again.rows("signals")) == len(rows)
    assert again.stop() == 0


def wrong_command_lines_say_what_is_wrong(box):
    token = box.write("token", "t0ken\n")
    data = ("--data-dir", box.path / "data")
    for arguments, words, code in [
            (("--prometheus", "http://127.0.0.1:1"), "--from and --to", 1),
            ((), "--prometheus", 2),
            (("--input", "parquet:x"), "openmetrics:PATH or csv:PATH", 1),
            (("--prometheus", "http://u:secret@127.0.0.1:1", "--from", "1", "--to", "2"),
             "--basic-auth-file", 1),
            (("--prometheus", "http://127.0.0.1:1", "--from", "1", "--to", "2", "--duty", "0"),
             "--duty", 1),
            (("--prometheus", "http://127.0.0.1:1", "--from", "1", "--to", "2",
              "--basic-auth-file", token), "must hold user:password", 1)]:
        done = quell("backfill", *arguments, *data)
        assert done.returncode == code, (arguments, done)
        assert words in done.stderr, (arguments, done.stderr)
        assert "secret" not in done.stderr and "t0ken" not in done.stderr, done.stderr


if __name__ == "__main__":
    run(history_is_learned_and_pages_nothing, wrong_command_lines_say_what_is_wrong)
