"""The load generator of bench/ingest against a real server: every request is accepted, and server
and generator agree on how many samples there were."""

import json
import os
import subprocess

from harness import BUILD, free_port, needs, run

LOAD = os.environ.get("QUELL_LOAD_BIN", str(BUILD / "bench" / "ingest_load"))


def serve(box):
    needs(LOAD)
    port = free_port()
    return box.serve("server", "--config", box.config("q", port), port=port)


def load(server, *flags):
    done = subprocess.run([LOAD, "--json", "--url", server.write_url, *map(str, flags)], timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"{done.stdout} {done.stderr} {server.err()[-500:]}"
    return json.loads(done.stdout)


def check_counts(server, flags, scrapes, series, signals):
    before = server.metric("quell_samples_accepted_total")
    told = load(server, *flags, "--series", series, "--samples", scrapes * series)
    assert set(told["statuses"]) == {"204"}, told
    assert told["samples_accepted"] == scrapes * series, told
    warm_up = 2 * series
    assert server.metric("quell_samples_accepted_total") - before == warm_up + scrapes * series
    assert told["signals_in_first_series"]["signals"] == signals, told


def both_protocols_arrive_whole(box):
    server = serve(box)
    # The first 1,600 series are one pod: 100 lanes of 3 signals.
    check_counts(server, [], scrapes=8, series=1600, signals=300)
    server.wait_applied()
    assert server.status()["signals"] == 300, server.status()
    assert server.status()["series"] == 1600, server.status()
    # New pods of the same deployment feed the same signals.
    check_counts(server, ["--v2", "--renew", "--samples-per-request", 100], scrapes=3, series=1600,
                 signals=300)
    server.wait_applied()
    assert server.status()["signals"] == 300, server.status()
    # Samples of the step that is open may still wait for it.
    assert 13 * 1600 <= server.metric("quell_signal_samples_total") <= 15 * 1600


def unmatched_series_are_accepted_and_feed_nothing(box):
    server = serve(box)
    check_counts(server, ["--matched", "none", "--connections", 3], scrapes=3, series=1700,
                 signals=0)
    assert server.status()["signals"] == 0, server.status()
    assert server.status()["journal_last"] <= 1, "nothing of it is worth a record but a tick"


def a_receiver_that_is_away_fails_the_run(box):
    needs(LOAD)
    done = subprocess.run([LOAD, "--json", "--url", f"http://127.0.0.1:{free_port()}/api/v1/write",
                           "--series", "10", "--samples", "20", "--warm-up", "0"], timeout=60,
                          stdout=subprocess.PIPE, text=True)
    assert done.returncode == 1, done.returncode
    assert json.loads(done.stdout)["statuses"] == {"0": 10}, done.stdout


if __name__ == "__main__":
    run(both_protocols_arrive_whole,
        unmatched_series_are_accepted_and_feed_nothing,
        a_receiver_that_is_away_fails_the_run)
