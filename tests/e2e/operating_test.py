"""What is around the engine: Prometheus' alerts about Quell and the dashboards against the metrics
that a running engine has; the sample configurations against the programs that they are for."""

import json
import re
import subprocess

from harness import PROMTOOL, ROUTING_KEY, SOURCE, TOOLS, free_port, needs, quell, run

AMTOOL = str(TOOLS / "prometheus-alertmanager" / "usr" / "bin" / "amtool")
EXAMPLES = SOURCE / "configs" / "examples"
RULES = SOURCE / "configs" / "prometheus"


def metrics_of(box):
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port), port=port)
    return set(re.findall(r"^# TYPE (\w+)", server.get("/metrics").text, re.M))


def the_alerts_load_and_fire_for_what_they_are_about(box):
    needs(PROMTOOL)
    for arguments in (("check", "rules", RULES / "quell_alerts.yaml"),
                      ("test", "rules", RULES / "quell_alerts_test.yaml")):
        done = subprocess.run([PROMTOOL, *map(str, arguments)], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout


def the_dashboard_of_quell_itself_has_no_wrong_query(box):
    needs(PROMTOOL)
    board = json.loads((SOURCE / "configs" / "grafana" / "quell_itself.json").read_text())
    rules = [{"record": f"r{i}", "expr": target["expr"].replace("$__rate_interval", "5m")}
             for i, target in enumerate(t for p in board["panels"] for t in p["targets"])]
    file = box.write("rules.json", json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    done = subprocess.run([PROMTOOL, "check", "rules", str(file)], text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0 and f"{len(rules)} rules" in done.stdout, done.stdout


def every_metric_that_is_asked_for_exists(box):
    known = metrics_of(box)
    # Of signals themselves, at /metrics/signals (docs/export.md).
    shown = {"quell_signal_value", "quell_signal_expected", "quell_signal_expected_low",
             "quell_signal_expected_high", "quell_signal_score", "quell_signals_left_out"}
    rules = (RULES / "quell_alerts.yaml").read_text()
    asked = re.findall(r"\bquell_\w+", "\n".join(
        line for line in rules.splitlines() if not line.lstrip().startswith(("#", "description"))))
    assert len(set(asked)) >= 12, asked
    missing = {name for name in asked if name not in known}
    assert not missing, f"the alerts ask for {missing}"
    for file in sorted((SOURCE / "configs" / "grafana").glob("*.json")):
        board = json.loads(file.read_text())
        expressions = [t["expr"] for p in board["panels"] for t in p.get("targets", [])]
        assert len(expressions) >= 10, file
        places = [tuple(p["gridPos"][k] for k in "xy") for p in board["panels"]]
        assert len(set(places)) == len(places) == len({p["id"] for p in board["panels"]}), file
        missing = {name for text in expressions for name in re.findall(r"\bquell_\w+", text)
                   if name not in known | shown}
        assert not missing, f"{file.name} asks for {missing}"
    tested = (RULES / "quell_alerts_test.yaml").read_text()
    for name in re.findall(r"- alert: (\w+)", rules):
        assert name in tested, f"no test lets {name} fire"


def the_samples_are_taken_by_what_they_are_for(box):
    needs(PROMTOOL, AMTOOL)
    samples = EXAMPLES / "monitoring"
    box.write("quell_alerts.yaml", (RULES / "quell_alerts.yaml").read_bytes())
    token = box.write("token", "a-token-of-a-test\n")
    prometheus = (samples / "prometheus.yml").read_text()
    for line in ("remote_write:", "alertmanagers:", "quell:9797"):
        assert line in prometheus, line
    prometheus = box.write("prometheus.yml",
                           prometheus.replace("/etc/prometheus/quell.token", str(token)))
    for arguments in ((PROMTOOL, "check", "config", prometheus),
                      (AMTOOL, "check-config", samples / "alertmanager.yml")):
        done = subprocess.run(list(map(str, arguments)), text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout


def the_kubernetes_example_has_a_valid_configuration(box):
    text = (EXAMPLES / "kubernetes" / "quell.yaml").read_text()
    block = text.split("quell.yaml: |\n", 1)[1].split("\n---", 1)[0]
    key = box.write("key", ROUTING_KEY + "\n")
    made = "\n".join(line[4:] for line in block.splitlines())
    made = made.replace("/etc/quell-secrets/routing-key", str(key))
    for word, digit in (("PUT_THE_SHA256_HERE", "a"), ("PUT_ANOTHER_SHA256_HERE", "b")):
        assert word in made
        made = made.replace(word, digit * 64)
    done = quell("check", "--config", box.write("quell.yaml", made))
    assert done.returncode == 0 and "2 tokens" in done.stdout, done.stdout + done.stderr


def commands_of(text):
    """Of a document: the words of each `quell ...` in its code, continued lines joined."""
    for line in text.replace("\\\n", " ").splitlines():
        spans = [line] if line.startswith("    ") else re.findall(r"`([^`]+)`", line)
        for span in spans:
            found = re.search(r"(?:^|[\s(])(?:sudo )?(?:build/release/)?quell ([a-z-]+\b.*)", span)
            if found:
                yield re.split(r"\s[|;#&]|\)|  ", found[1])[0].split()


def commands_in_the_documents_name_what_there_is(box):
    pages, checked = {}, 0

    def page(*verb):
        if verb not in pages:
            done = quell(*verb, "--help")
            pages[verb] = done.stdout if done.returncode == 0 else ""
        return pages[verb]
    verbs = set(re.findall(r"^  ([a-z-]+) ", page().split("Subcommands:")[1], re.M))
    assert {"serve", "incident"} <= verbs, verbs
    for file in [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]:
        for words in commands_of(file.read_text()):
            where = f"{file.name}: quell {' '.join(words)}"
            if words[0] not in verbs:
                assert not words[1:] or not any(w.startswith("--") for w in words), where
                continue
            verb = words[:1]
            if "Subcommands:" in page(*verb) and len(words) > 1 and re.fullmatch("[a-z-]+,?", words[1]):
                verb.append(words[1].strip(","))
                assert page(*verb), where
            for word in words[1:]:
                if re.fullmatch("--[a-z][a-z-]+", word):
                    assert re.search(rf"{word}\b(?!-)", page(*verb)), f"{where}: no {word}"
            checked += 1
    assert checked >= 60, checked


if __name__ == "__main__":
    run(the_alerts_load_and_fire_for_what_they_are_about,
        the_dashboard_of_quell_itself_has_no_wrong_query,
        every_metric_that_is_asked_for_exists,
        the_samples_are_taken_by_what_they_are_for,
        the_kubernetes_example_has_a_valid_configuration,
        commands_in_the_documents_name_what_there_is)
