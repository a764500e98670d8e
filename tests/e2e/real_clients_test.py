"""Real senders against a Quell that restarts, crashes or is away: every sample that was scraped is in
the journal, bit for bit, and nobody is paged for it."""

import contextlib
import struct
import time

import journal_file
from conformance_rows import EVERYTHING, now_ms
from harness import PROMETHEUS, QUELL, SANDBOX, free_port, needs, run, wait_until
from remote_write_wire import STALE
from senders import VMAGENT, Prometheus, Target, Vmagent

SETTINGS = EVERYTHING + """  - name: payment failures
    type: ratio
    bad: payments_total{outcome=~"failed|timeout"}
    total: payments_total
    by: [psp]
  - name: slow payments
    type: quantile
    selector: latency_seconds_bucket
"""
PLATFORM = ("--seed", "2", "--services", "2", "--regions", "2", "--psps", "2", "--instances", "1")
AWAY_SECONDS = 40


class Receiver:
    """A Quell on one port and folder that can be ended and started again."""

    def __init__(self, box):
        self.box, self.port, self.number = box, free_port(), 0
        self.pages = box.sandbox()
        self.config = box.config("quell", self.port, self.pages, SETTINGS)
        self.folder = box.path / "quell-data" / "journal"
        self.server = None
        self.start()

    def start(self):
        self.number += 1
        self.server = self.box.serve(f"quell-{self.number}", "--config", self.config, port=self.port)

    def journal(self):
        """All samples; the server must be ended, so that nothing is half written."""
        assert not self.server.alive()
        return list(journal_file.samples(self.folder, lambda pairs: tuple(sorted(pairs)),
                                         journal_file.bits_of))


def pause(seconds):
    until = time.monotonic() + seconds
    wait_until("time passes", lambda: time.monotonic() > until, seconds + 5)


def start_exporter(box):
    port = free_port()
    exporter = box.start("exporter", QUELL, "simulate", *PLATFORM, "--serve", f"127.0.0.1:{port}")
    wait_until("the exporter serves", lambda: "serving http" in exporter.err())
    return f"127.0.0.1:{port}"


def check_nothing_is_lost(receiver, prometheus, begun_ms):
    """Compares Prometheus' TSDB with the journal, sample by sample; ends the receiver."""
    end_ms = now_ms()
    prometheus.wait_sent(end_ms)
    assert prometheus.losses() == {}, prometheus.losses()
    scraped = prometheus.samples((end_ms - begun_ms) // 1000 + 60, end_ms)
    receiver.server.wait_applied()
    assert receiver.pages.events() == [], f"a page: {receiver.pages.events()}"
    assert receiver.server.stop() == 0
    journal = receiver.journal()
    kept = set(journal)
    missing = scraped - kept
    assert not missing, f"{len(missing)} of {len(scraped)} samples are lost: {sorted(missing)[:3]}"
    invented = {one for one in kept - scraped if one[1] <= end_ms and one[2] != STALE}
    assert not invented, f"{len(invented)} samples were never scraped: {sorted(invented)[:3]}"
    series = len({one[0] for one in scraped})
    assert len(scraped) > 1000 and series > 50, f"{len(scraped)} samples of {series} series"
    print(f"    {len(scraped)} samples of {series} series compared, {len(journal) - len(kept)} "
          f"of {len(journal)} in the journal twice")


def judged_goes_on(server):
    before = server.metric("quell_points_judged_total")
    wait_until("signals are judged", lambda: (
        server.metric("quell_points_judged_total") > before + 2))


def receiver_restarts_and_crashes(box):
    needs(PROMETHEUS, SANDBOX)
    receiver, begun = Receiver(box), now_ms()
    prometheus = Prometheus(box, "prometheus", [start_exporter(box)], receiver.server.write_url)
    wait_until("samples arrive", lambda: receiver.server.metric("quell_signal_samples_total") > 500)
    for how in ("SIGTERM", "SIGKILL", "SIGKILL", "SIGTERM", "SIGKILL"):
        pause(1.7)
        if how == "SIGTERM":
            assert receiver.server.stop() == 0
        else:
            receiver.server.kill()
        pause(0.6)
        receiver.start()
    judged_goes_on(receiver.server)
    check_nothing_is_lost(receiver, prometheus, begun)


def prometheus_restarts(box):
    """Its WAL goes on; what was scraped before and after is there."""
    needs(PROMETHEUS, SANDBOX)
    receiver, begun = Receiver(box), now_ms()
    target = start_exporter(box)
    prometheus = Prometheus(box, "prometheus-1", [target], receiver.server.write_url)
    wait_until("samples arrive", lambda: receiver.server.metric("quell_signal_samples_total") > 500)
    pause(3)
    assert prometheus.stop() == 0
    prometheus = Prometheus(box, "prometheus-2", [target], receiver.server.write_url)
    pause(4)
    judged_goes_on(receiver.server)
    check_nothing_is_lost(receiver, prometheus, begun)


def receiver_is_away(box):
    needs(PROMETHEUS, SANDBOX)
    receiver, begun = Receiver(box), now_ms()
    prometheus = Prometheus(box, "prometheus", [start_exporter(box)], receiver.server.write_url)
    wait_until("samples arrive", lambda: receiver.server.metric("quell_signal_samples_total") > 500)
    assert receiver.server.stop() == 0
    pause(AWAY_SECONDS)
    assert prometheus.metric("prometheus_remote_storage_samples_retried_total") > 0
    receiver.start()
    back = time.monotonic()
    prometheus.wait_sent(now_ms())
    print(f"    {AWAY_SECONDS} s of backlog sent {time.monotonic() - back:.1f} s after the return")
    judged_goes_on(receiver.server)
    check_nothing_is_lost(receiver, prometheus, begun)


def exemplars_metadata_histograms_and_stale_markers(box):
    needs(PROMETHEUS, SANDBOX)
    receiver = Receiver(box)
    with contextlib.closing(Target()) as plain, contextlib.closing(Target(native=True)) as native:
        prometheus = Prometheus(
            box, "prometheus", [plain.address, native.address], receiver.server.write_url,
            "    send_exemplars: true\n    send_native_histograms: true\n"
            "    metadata_config:\n      send: true\n      send_interval: 1s\n",
            ["--enable-feature=exemplar-storage,native-histograms"])
        for kind in ("samples", "exemplars", "histograms", "metadata"):
            name = f"prometheus_remote_storage_{kind}_total"
            wait_until(f"{kind} are sent", lambda name=name: prometheus.metric(name) >= 3)
        wait_until("ten scrapes", lambda: min(plain.scrapes, native.scrapes) >= 10)
        served = min(plain.scrapes, native.scrapes)
    wait_until("the targets are gone, and stale markers come", lambda: (
        receiver.server.metric("quell_signal_samples_total") > 0
        and 'reason="stale_marker"} 0' not in receiver.server.get("/metrics").text))
    assert prometheus.losses() == {}, prometheus.losses()
    text = receiver.server.get("/metrics").text
    assert 'quell_write_responses_total{class="4xx"} 0' in text, text
    assert receiver.pages.events() == []
    prometheus.stop()
    assert receiver.server.stop() == 0
    journal = receiver.journal()
    counts = {one[2] for one in journal if dict(one[0])["__name__"] == "scrapes_total"}
    missing = {n for n in range(1, served) if struct.pack("<d", float(n)) not in counts}
    assert not missing, f"scrapes whose samples are lost: {missing}"
    stale = [one for one in journal if one[2] == STALE]
    assert stale, "no stale marker kept its bits"
    histograms = {one[3:5] for one in journal_file.histograms(receiver.folder)}
    lost = {n for n in range(1, served) if (3.0 * n, 0.5 * n) not in histograms}
    assert not lost, f"scrapes whose native histograms are lost: {lost}"
    print(f"    {served} scrapes, {len(stale)} stale markers, "
          f"{prometheus_line(text, 'quell_exemplars')}, {prometheus_line(text, 'quell_native')}")


def prometheus_line(text, prefix):
    return next((line for line in text.splitlines() if line.startswith(prefix)), f"no {prefix}")


def vmagent_survives_restarts_of_the_receiver(box):
    needs(VMAGENT, SANDBOX)
    receiver = Receiver(box)
    with contextlib.closing(Target()) as target:
        agent = Vmagent(box, "vmagent", target.address, receiver.server.write_url)
        wait_until("samples arrive", lambda: receiver.server.metric("quell_signal_samples_total") > 5)
        receiver.server.kill()
        pause(2)
        receiver.start()
        pause(2)
        assert receiver.server.stop() == 0
        receiver.start()
        want = target.scrapes + 3
        wait_until("three more scrapes", lambda: target.scrapes >= want)
        wait_until("vmagent's queue is empty", lambda: (
            agent.metric("vmagent_remotewrite_pending_data_bytes") == 0
            and agent.metric("vmagent_remotewrite_pending_inmemory_blocks") == 0
            and agent.metric("vmagent_remotewrite_requests_total") > 3))
        assert agent.metric("vmagent_remotewrite_packets_dropped_total") == 0
    agent.stop()
    served = target.scrapes
    receiver.server.wait_applied()
    assert receiver.pages.events() == []
    assert receiver.server.stop() == 0
    mine = {one for one in receiver.journal() if dict(one[0])["__name__"] == "scrapes_total"
            and one[2] != STALE}
    values = [struct.unpack("<d", value)[0] for _, _, value in sorted(mine, key=lambda one: one[1])]
    assert values == [float(n) for n in range(1, served + 1)], f"{served} scrapes, journal: {values}"
    print(f"    {served} scrapes, each once and in order")


if __name__ == "__main__":
    run(receiver_restarts_and_crashes,
        prometheus_restarts,
        receiver_is_away,
        exemplars_metadata_histograms_and_stale_markers,
        vmagent_survives_restarts_of_the_receiver)
