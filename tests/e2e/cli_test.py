"""The command line and the life of a server: help, exit codes, reload, drain, health, metrics."""

import http.client
import signal
import subprocess

from harness import (PROMTOOL, free_port, needs, quell, request, run, wait_until)

VERBS = ("serve", "replay", "gate", "tune", "train-dedup", "score", "simulate", "check", "token",
         "version", "incident", "signal", "change", "silence", "status", "config", "completion", "man")


def help_explains_every_verb(box):
    top = quell("--help")
    assert top.returncode == 0
    for verb in VERBS:
        assert verb in top.stdout, f"--help does not name {verb}"
        page = quell(verb, "--help")
        assert page.returncode == 0 and "Usage: quell " + verb in page.stdout, page.stdout
    assert quell("version").stdout.startswith("quell "), "version names itself"


def a_wrong_command_line_is_named_and_exits_2(box):
    required = {"replay": ("--input", "csv:x", "--out", "x"),
                "train-dedup": ("--history", "x", "--out", "x"),
                "tune": ("--input", "csv:x", "--incidents", "x", "--out", "x"),
                "gate": ("--input", "csv:x", "--incidents", "x", "--min-recall", "1"),
                "score": ("--input", "csv:x", "--out", "x"), "check": ("--config", "x"),
                "token": ("new",), "incident": ("list",), "signal": ("list",), "change": ("list",),
                "silence": ("list",), "completion": ("bash",),
                "config": ("reference",)}
    for verb in VERBS:
        done = quell(verb, *required.get(verb, ()), "--no-such-flag")
        assert done.returncode == 2, f"{verb}: exit {done.returncode}"
        assert "--no-such-flag" in done.stderr, f"{verb} does not name the flag: {done.stderr}"
    assert quell().returncode == 2
    unknown = quell("frobnicate")
    assert unknown.returncode == 2 and "frobnicate" in unknown.stderr, unknown.stderr


def check_names_file_line_and_column(box):
    good = box.config("good", 9797, extra="step: 15s\n")
    done = quell("check", "--config", good)
    assert done.returncode == 0 and "is valid" in done.stdout, done.stderr
    for text, place, word in (
            ("step: 30s\nlatenes: 15s\n", ":2:1:", "lateness"),
            ("step: soon\n", ":1:7:", "soon"),
            ("receivers:\n  - name: x\n    type: pager\n", ":3:11:", "pagerduty"),
            ("log:\n\t- broken\n", ":2:", "")):
        bad = box.write("bad.yaml", text)
        done = quell("check", "--config", bad)
        assert done.returncode == 1, f"{text!r}: exit {done.returncode}"
        assert str(bad) + place in done.stderr, f"{text!r}: {done.stderr}"
        assert word in done.stderr, f"{text!r}: {done.stderr}"
    gone = quell("check", "--config", box.path / "gone.yaml")
    assert gone.returncode == 1 and "gone.yaml" in gone.stderr, gone.stderr


def the_gate_says_by_its_exit_code_whether_bounds_hold(box):
    history = box.path / "history"
    made = quell("simulate", "--out", history, "--duration", "3d", "--interval", "60s",
                 "--series", "60", "--quiet-start", "2d", seconds=120)
    assert made.returncode == 0, made.stderr
    given = ("--quiet", "--input", f"openmetrics:{history / 'metrics.om'}")
    truth = ("--incidents", history / "incidents.json")
    holds = quell("gate", *given, *truth, "--min-recall", "0", "--max-false-per-week", "1000",
                  seconds=120)
    assert holds.returncode == 0 and "gate: passed" in holds.stdout, holds.stdout + holds.stderr
    fails = quell("gate", *given, *truth, "--max-detect-seconds", "0", seconds=120)
    assert fails.returncode == 3 and "FAILS  median seconds" in fails.stdout, fails.stdout
    empty = box.write("none.json", '{"incidents": []}')
    nothing = quell("gate", *given, "--incidents", empty, "--min-recall", "0.5", seconds=120)
    assert nothing.returncode == 1 and "no labelled incident" in nothing.stderr, nothing.stderr
    unbounded = quell("gate", *given, *truth)
    assert unbounded.returncode == 2 and "--min-recall" in unbounded.stderr, unbounded.stderr


def a_port_in_use_is_said(box):
    port = free_port()
    box.serve("first", "--config", box.config("first", port), port=port)
    second = quell("serve", "--config", box.config("second", port), seconds=20)
    assert second.returncode == 1, second.returncode
    assert str(port) in second.stderr and "in use" in second.stderr, second.stderr


def a_data_folder_in_use_is_said(box):
    port = free_port()
    data = box.path / "data"
    box.serve("first", "--config", box.config("first", port, data=data), port=port)
    second = quell("serve", "--config", box.config("second", free_port(), data=data), seconds=20)
    assert second.returncode == 1 and str(data) in second.stderr, second.stderr


def sigterm_drains_past_idle_connections(box):
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port), port=port)
    idle = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(8)]
    for connection in idle:  # kept alive and silent from here on
        connection.request("GET", "/-/healthy")
        connection.getresponse().read()
    assert server.stop(seconds=10) == 0, server.err()
    assert 'msg="stopped"' in server.err(), server.err()
    for connection in idle:
        connection.close()


def sigint_ends_it_too(box):
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port), port=port)
    server.signal(signal.SIGINT)
    assert server.wait(10) == 0


def a_broken_configuration_is_not_taken_over(box):
    port = free_port()
    config = box.config("q", port)
    server = box.serve("server", "--config", config, port=port)
    good = config.read_text()
    assert request("POST", server.url + "/-/reload").status == 200

    config.write_text(good + "latenes: 3s\n")
    refused = request("POST", server.url + "/-/reload")
    assert refused.status == 400, refused.status
    assert f"{config}:3:1" in refused.json["error"]["message"], refused.text
    server.signal(signal.SIGHUP)
    wait_until("SIGHUP is answered in the log",
               lambda: server.err().count("not reloaded; the old one stays") == 2, 10)
    assert "q.yaml:3:1" in server.err()
    assert server.get("/-/ready").status == 200

    config.write_text(good.replace(str(port), str(free_port())))
    moved = request("POST", server.url + "/-/reload")
    assert moved.status == 400 and "listen" in moved.text, moved.text

    config.write_text(good + "false_pages_per_week: 2\n")
    assert request("POST", server.url + "/-/reload").status == 200
    server.signal(signal.SIGHUP)
    wait_until("SIGHUP reloads", lambda: server.err().count('msg="configuration reloaded"') == 3, 10)


def health_and_unknown_paths(box):
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port), port=port)
    wait_until("ready", lambda: request("GET", server.url + "/-/ready").status == 200, 20)
    assert server.get("/-/healthy").status == 200
    assert "/api/v1/write" in server.get("/").text
    assert request("GET", server.url + "/no/such/page").status == 404
    assert request("GET", server.url + "/api/v1/incidents/abc").status == 404
    for name in ("incidents", "alerts", "decisions", "signals"):
        assert server.rows(name) == [], name


def promtool_accepts_the_metrics(box):
    needs(PROMTOOL)
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port), port=port)
    text = server.get("/metrics").body
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, timeout=30,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()


if __name__ == "__main__":
    run(help_explains_every_verb,
        a_wrong_command_line_is_named_and_exits_2,
        check_names_file_line_and_column,
        the_gate_says_by_its_exit_code_whether_bounds_hold,
        a_port_in_use_is_said,
        a_data_folder_in_use_is_said,
        sigterm_drains_past_idle_connections,
        sigint_ends_it_too,
        a_broken_configuration_is_not_taken_over,
        health_and_unknown_paths,
        promtool_accepts_the_metrics)
