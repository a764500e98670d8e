"""quell journal inspect, verify and repair, on the folder of a running and of a stopped server."""

import json

from disk_full_test import Sender, journal_records
from harness import free_port, quell, run

MAGIC = 8
HEAD = 17


def serve(box, name, data=None):
    port = free_port()
    config = box.config(name, port, extra="journal: {fsync_interval: 1ms}\n", data=data)
    return box.serve(name, "--config", config, port=port)


def filled(box, requests=40):
    """A stopped server's journal, and the data folder."""
    server = serve(box, "first")
    sender = Sender(server)
    for _ in range(requests):
        assert sender.send().status == 204
    server.wait_applied()
    assert server.stop() == 0
    data = box.path / "first-data"
    return data, data / "journal"


def records(journal):
    done = quell("journal", "inspect", "--records", "--json", journal)
    return [json.loads(line) for line in done.stdout.splitlines()]


def a_live_folder_is_inspected_and_not_repaired(box):
    server = serve(box, "live")
    sender = Sender(server)
    for _ in range(10):
        assert sender.send().status == 204
    journal = box.path / "live-data" / "journal"
    assert journal_records(journal) == 10
    table = quell("journal", "inspect", journal)
    assert table.returncode == 0 and "first sequence" in table.stdout, table.stdout
    lines = records(journal)
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["offset"] == MAGIC and lines[0]["received_ms"] > 0
    verified = quell("journal", "verify", journal)
    assert verified.returncode == 0 and "0 problems" in verified.stdout, verified.stdout
    refused = quell("journal", "repair", journal)
    assert refused.returncode == 1 and "in use" in refused.stderr, refused.stderr
    assert quell("journal", "verify", box.path / "nowhere").returncode == 1
    assert quell("journal").returncode == 2
    assert quell("journal", "inspect").returncode == 2


def damage_is_found_repaired_and_served_from(box):
    data, journal = filled(box)
    segment = next(journal.glob("*.qj"))
    whole = segment.read_bytes()
    victim = records(journal)[20]
    at = victim["offset"]
    segment.write_bytes(whole[:at + HEAD] + bytes([whole[at + HEAD] ^ 1]) + whole[at + HEAD + 1:])

    found = quell("journal", "verify", journal)
    assert found.returncode == 1, found.stdout
    assert f"{segment}:{at}: " in found.stdout, found.stdout
    config = box.config("broken", free_port(), data=data)
    refused = quell("serve", "--config", config)
    assert refused.returncode == 1 and f"{segment}: offset {at}" in refused.stderr, refused.stderr

    plan = quell("journal", "repair", "--dry-run", journal)
    assert plan.returncode == 0 and f"would cut {segment}:{at}" in plan.stdout, plan.stdout
    assert quell("journal", "verify", journal).returncode == 1
    done = quell("journal", "repair", journal)
    assert done.returncode == 0 and f"cut {segment}:{at}" in done.stdout, (done.stdout, done.stderr)
    saved = journal / "damaged" / f"{segment.name}@{at}"
    assert segment.read_bytes() == whole[:at]
    assert len(saved.read_bytes()) == len(whole) - at
    assert quell("journal", "verify", journal).returncode == 0

    # The snapshot is ahead of what is left; what comes now is decided upon all the same.
    server = serve(box, "after", data=data)
    sender = Sender(server)
    before = server.metric("quell_signal_samples_total")
    for _ in range(5):
        assert sender.send().status == 204
    server.wait_applied()
    assert server.metric("quell_signal_samples_total") == before + 5
    assert server.stop() == 0
    assert quell("journal", "verify", journal).returncode == 0


def a_torn_tail_is_no_problem(box):
    _, journal = filled(box, 3)
    segment = next(journal.glob("*.qj"))
    with open(segment, "ab") as out:
        out.write(b"half a record")
    done = quell("journal", "verify", journal)
    assert done.returncode == 0 and "torn tail of 13 bytes" in done.stdout, done.stdout


if __name__ == "__main__":
    run(a_live_folder_is_inspected_and_not_repaired,
        damage_is_found_repaired_and_served_from,
        a_torn_tail_is_no_problem)
