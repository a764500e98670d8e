"""A real file system that fills up, and one that is read-only: writes are refused and come back by
themselves, everything else goes on, nothing acknowledged is missing."""

import json
import subprocess
import time

from harness import (V2, Missing, free_port, quell, request, run, snappy, wait_until, write_v2)

LABELS = {"__name__": "payments_total", "psp": "acme", "outcome": "success", "job": "pay"}
SETTINGS = "snapshot_interval: 1s\njournal: {segment_bytes_max: 64KiB, fsync_interval: 1ms}\n"


class SmallDisk:
    """8 MiB in memory, mounted at `path` while the block runs."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.path.mkdir()
        self.mount("-t", "tmpfs", "-o", "size=8m", "quell-test", self.path)
        return self

    def mount(self, *arguments):
        try:
            done = subprocess.run(["mount", *map(str, arguments)], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        except OSError as reason:
            raise Missing(f"no mount program: {reason}") from None
        if done.returncode != 0:
            raise Missing(f"may not mount a file system here: {done.stdout.strip()}")

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass

    def free(self):
        (self.path / "filler").unlink()

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.path)], check=False)


class Sender:
    """One sample a request; remembers what was acknowledged."""

    def __init__(self, server):
        self.server, self.acknowledged, self.sent = server, 0, 0
        self.at = int(time.time() * 1000) - 3_600_000

    def send(self):
        self.sent += 1
        body = write_v2([(LABELS, [(self.at + 1000 * self.sent, float(self.sent))])])
        answer = request("POST", self.server.write_url, snappy(body), V2)
        self.acknowledged += answer.status == 204
        return answer


def journal_records(folder):
    done = quell("journal", "inspect", "--json", folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["problems"] == [], report["problems"]
    kinds = [s["records_by_kind"] for s in report["segments"]]
    return sum(k.get("samples", 0) + k.get("batch", 0) for k in kinds)


def a_full_disk_refuses_writes_and_nothing_else(box):
    with SmallDisk(box.path / "disk") as disk:
        port = free_port()
        data = disk.path / "data"
        server = box.serve("full", "--config", box.config("full", port, extra=SETTINGS, data=data),
                           port=port)
        sender = Sender(server)
        for _ in range(300):
            assert sender.send().status == 204
        wait_until("a snapshot is there", (data / "snapshot.quell").exists)
        snapshot = None
        for round_ in range(2):
            disk.fill()
            refused = wait_until("a write is refused",
                                 lambda: (lambda a: a if a.status != 204 else None)(sender.send()))
            assert refused.status == 503, (refused.status, refused.text)
            assert int(refused.headers["Retry-After"]) >= 1, refused.headers
            assert "No space left" in refused.text, refused.text
            assert sender.send().status == 503
            assert request("GET", server.url + "/-/healthy").status == 200
            for path in ("/api/v1/status", "/api/v1/incidents", "/api/v1/signals", "/metrics"):
                server.get(path)
            wait_until("a snapshot fails", lambda: "cannot take a snapshot" in server.err())
            snapshot = (data / "snapshot.quell").read_bytes()
            assert snapshot, "the old snapshot stays whole"
            assert not (data / "snapshot.quell.tmp").exists(), "and takes no room twice"
            server.wait_applied()
            disk.free()
            wait_until("writes are taken again", lambda: sender.send().status == 204, 20)
            for _ in range(50):
                assert sender.send().status == 204
        wait_until("a new snapshot",
                   lambda: (data / "snapshot.quell").read_bytes() != snapshot)
        server.wait_applied()
        assert server.alive()
        assert sender.acknowledged < sender.sent
        assert journal_records(data / "journal") == sender.acknowledged
        assert server.stop() == 0
        print(f"    {sender.acknowledged} of {sender.sent} samples acknowledged, all kept")

        # Full at the start: SQLite cannot open without space for its index of the log, so Quell says
        # which file, and starts once there is space.
        disk.fill()
        config = box.config("again", port, extra=SETTINGS, data=data)
        refused = quell("serve", "--config", config)
        assert refused.returncode == 1 and "quell.db" in refused.stderr, refused.stderr
        disk.free()
        sender.server = again = box.serve("again", "--config", config, port=port)
        assert sender.send().status == 204
        again.wait_applied()
        assert again.stop() == 0
        assert journal_records(data / "journal") == sender.acknowledged


def a_read_only_disk_is_refused_at_the_start(box):
    with SmallDisk(box.path / "disk") as disk:
        port = free_port()
        data = disk.path / "data"
        config = box.config("ro", port, extra=SETTINGS, data=data)
        server = box.serve("ro", "--config", config, port=port)
        sender = Sender(server)
        for _ in range(5):
            assert sender.send().status == 204
        assert server.stop() == 0
        disk.mount("-o", "remount,ro", disk.path)
        refused = quell("serve", "--config", config)
        assert refused.returncode == 1, refused.stderr
        assert "Read-only file system" in refused.stderr and str(data) in refused.stderr, (
            refused.stderr)
        assert quell("journal", "verify", data / "journal").returncode == 0
        assert journal_records(data / "journal") == 5


if __name__ == "__main__":
    run(a_full_disk_refuses_writes_and_nothing_else,
        a_read_only_disk_is_refused_at_the_start)
