"""kill -9 under load, again and again on the same folder: every sample that was acknowledged is in the
journal with its value, checked one by one.

  --rounds N   kills (default 12)
"""

import argparse
import os
import random
import time

import journal_file
from harness import BUILD, free_port, needs, quell, run, wait_until

LOAD = os.environ.get("QUELL_LOAD_BIN", str(BUILD / "bench" / "ingest_load"))
SEED = 3
SERIES = 2000
RATE = 40_000  # samples a second
# Small segments and frequent snapshots: kills fall into rotations and renames too.
SETTINGS = "snapshot_interval: 1s\njournal:\n  fsync: {fsync}\n  segment_bytes_max: 1MiB\n"


def acknowledged(path):
    """{(series text, time_ms): value} from what the sender recorded."""
    names, samples = {}, {}
    with open(path) as file:
        for line in file:
            words = line.split(" ", 2)
            if words[0] == "series":
                names[words[1]] = words[2].rstrip("\n")
            else:
                samples[names[words[0]], int(words[1])] = float(words[2])
    return samples


def check_all_there(acks, folder):
    """Every acknowledged sample is in the journal, with the value that was sent."""
    missing = dict(acks)
    total = 0
    for text, at, value in journal_file.samples(folder):
        total += 1
        sent = acks.get((text, at))
        # What was cut off before its answer may be there too; nothing tells its value.
        assert sent is None or sent == value, f"{text} at {at}: {value} instead of {sent}"
        missing.pop((text, at), None)
    assert not missing, f"{len(missing)} acknowledged samples are lost, e.g. {next(iter(missing))}"
    return total


def kill_and_check(box, fsync, rounds):
    needs(LOAD)
    port = free_port()
    config = box.config("q", port, extra=SETTINGS.format(fsync=fsync))
    rng = random.Random(SEED)
    server = box.serve("server-0", "--config", config, port=port)
    acks = box.path / "acks"
    sender = box.start("sender", LOAD, "--url", server.write_url, "--retry", "--record-acks", acks,
                       "--series", SERIES, "--step", "1s", "--connections", 8,
                       "--samples-per-request", 100, "--warm-up", 0, "--rate", RATE,
                       "--samples", RATE * (5 * rounds + 20))
    wait_until("the first acknowledged samples", lambda: acks.exists() and acks.stat().st_size > 1e6)
    for number in range(1, rounds + 1):
        before = acks.stat().st_size
        until = time.monotonic() + rng.uniform(0.05, 1.2)
        wait_until("load and the next kill", lambda: time.monotonic() >= until
                   and acks.stat().st_size > before, 30)
        assert sender.alive(), sender.err()
        server.kill()
        server = box.serve(f"server-{number}", "--config", config, port=port)
    sender.signal(15)
    sender.wait(30)
    assert server.stop() == 0, server.err()
    kept = acknowledged(acks)
    total = check_all_there(kept, box.path / "q-data" / "journal")
    print(f"    {rounds} kills, fsync {fsync}: {len(kept)} acknowledged samples are there, of {total}")
    done = quell("replay", "--quiet", "--input", f"journal:{box.path / 'q-data' / 'journal'}",
                 "--out", box.path / "report")
    assert done.returncode == 0, f"the journal's checksums: {done.stderr}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=12)
    rounds = parser.parse_args().rounds

    def acknowledged_samples_survive_with_fsync_interval(box):
        kill_and_check(box, "interval", rounds)

    def acknowledged_samples_survive_with_fsync_always(box):
        kill_and_check(box, "always", max(2, rounds // 3))

    run(acknowledged_samples_survive_with_fsync_interval,
        acknowledged_samples_survive_with_fsync_always)


if __name__ == "__main__":
    main()
