"""kill -9 at random moments under load: what was acknowledged is in the journal, and on-call people
see the same incidents as without the crashes, each opened once and resolved."""

import random
import time

from harness import SANDBOX, QUELL, free_port, needs, quell, run, simulate, wait_until

ROUNDS = 9
SEED = 20
START = "2026-06-01T00:00:00Z"
HISTORY = ("--seed", "5", "--series", "120", "--interval", "60s", "--start", START,
           "--duration", "9d", "--quiet-start", "7d", "--incidents-per-week", "0",
           "--lookalikes-per-week", "0", "--batch", "4000",
           "--inject", "psp_outage,psp=acme,+7d10h,40m",
           "--inject", "service_error_rate,service=payments-api,+8d12h,40m")
SETTINGS = "snapshot_interval: 1s\njournal:\n  fsync_interval: 20ms\n"


def sent_samples(words):
    return int(words.split("sent ", 1)[1].split()[0])


def settle(server):
    server.wait_applied()
    server.wait_delivered()


def story(server, sandbox):
    """What happened, as far as people and records are concerned."""
    incidents = {row["key"]: row for row in server.rows("incidents")}
    opened = [e["dedup_key"] for e in sandbox.events() if e["effect"] == "opened"]
    return incidents, opened


def journal_samples(box, name):
    done = quell("replay", "--quiet", "--input", f"journal:{box.path / (name + '-data') / 'journal'}",
                 "--out", box.path / (name + "-report"))
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split(" samples", 1)[0].split()[-1].replace(",", ""))


def crashes_lose_and_double_nothing(box):
    needs(SANDBOX)
    # Without crashes.
    calm_pages = box.sandbox("calm-pages")
    port = free_port()
    calm = box.serve("calm", "--config", box.config("calm", port, calm_pages, SETTINGS), port=port)
    begun = time.monotonic()
    words = simulate(*HISTORY, "--remote-write", calm.write_url)
    load_seconds = time.monotonic() - begun
    total = sent_samples(words)
    settle(calm)
    calm_incidents, calm_opened = story(calm, calm_pages)
    assert len(calm_opened) >= 2, f"the history must page: {calm_opened}"
    calm_samples = calm.metric("quell_signal_samples_total")
    assert calm.stop() == 0

    # With crashes: the same history, a kill every now and then, a restart on the same folder.
    pages = box.sandbox("pages")
    port = free_port()
    config = box.config("crashing", port, pages, SETTINGS)
    rng = random.Random(SEED)
    server = box.serve("crashing-0", "--config", config, port=port)
    sender = box.start("sender", QUELL, "simulate", *HISTORY, "--remote-write", server.write_url)
    kills_under_load = 0
    for number in range(1, ROUNDS + 1):
        pause = time.monotonic() + rng.uniform(0.2, 1.6) * load_seconds / ROUNDS
        wait_until("the next kill", lambda until=pause: time.monotonic() >= until, 60)
        kills_under_load += sender.alive()
        server.kill()
        server = box.serve(f"crashing-{number}", "--config", config, port=port)
    assert sender.wait(150) == 0, sender.err()
    assert kills_under_load >= ROUNDS // 2, f"only {kills_under_load} kills fell under load"
    settle(server)
    print(f"    {total} samples, {kills_under_load} of {ROUNDS} kills under load, "
          f"{sender.err().strip().splitlines()[-1]}")

    assert sent_samples(sender.err()) == total
    incidents, opened = story(server, pages)
    assert server.stop() == 0
    # A request that was journaled but not yet answered when the kill came is there twice.
    kept = journal_samples(box, "crashing")
    assert kept >= calm_samples, f"{calm_samples - kept} acknowledged samples are lost"
    assert sorted(opened) == sorted(calm_opened), "other incidents were paged, or one twice"
    assert len(opened) == len(set(opened)), "an incident was opened twice"
    assert incidents == calm_incidents, "the records differ from those of a run without crashes"
    assert all(alert["state"] == "resolved" for alert in pages.alerts()), pages.alerts()
    pages.check_all_accepted()


if __name__ == "__main__":
    run(crashes_lose_and_double_nothing)
