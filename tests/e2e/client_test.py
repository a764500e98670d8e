"""The verbs that speak to a running engine: tables, --json, exit codes, credentials, hostile text;
completion in a real bash, and the manual page."""

import json
import os
import shutil
import subprocess
import time

from harness import QUELL, Missing, free_port, quell, request, run, wait_until

HOSTILE = "a\x1b]0;owned\x07\x9b31m\u202etxt<img src=x onerror=alert(1)>" + "z" * 600
TOKEN = "client-test-token-of-0123456789"


def ask(server, *arguments, code=0, env=None):
    done = subprocess.run([QUELL, *map(str, arguments), "--url", server.url], timeout=60, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "COLUMNS": "", **(env or {})})
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def asked(server, *arguments):
    return json.loads(ask(server, *arguments, "--json"))


def alert(server, name, **labels):
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    body = [{"labels": {"alertname": name, "severity": "critical", **labels}, "endsAt": ends}]
    posted = request("POST", server.url + "/api/v2/alerts", json.dumps(body).encode(),
                     {"Content-Type": "application/json"})
    assert posted.status == 200, posted.text

    def paged():
        for row in server.rows("incidents"):
            if row["paged_at"] and name in json.dumps(row):
                return row["key"]
        return None
    return wait_until(f"{name} has paged", paged)


def serve(box, extra=""):
    port = free_port()
    return box.serve("server", "--config", box.config("q", port, extra=extra), port=port)


def incidents_are_seen_and_handled(box):
    server = serve(box)
    assert ask(server, "incident", "list") == "No incidents.\n"
    first, second = alert(server, "Down", psp="acme"), alert(server, "Apart", region="moon")
    listed = ask(server, "incident", "list", "--state", "open")
    assert listed.splitlines()[0].startswith("KEY") and first[:12] in listed and second[:12] in listed
    assert len(asked(server, "incident", "list", "--limit", 1)["incidents"]) == 1
    assert asked(server, "incident", "list", "--state", "resolved")["incidents"] == []

    def keys(*arguments):
        return [row["key"] for row in asked(server, "incident", "list", *arguments)["incidents"]]
    assert keys("--match", 'psp="acme"') == keys("--search", "ACME") == [first]
    assert keys("--match", 'psp!="acme"', "--since", "2020-01-01T00:00:00Z") == [second]
    assert keys("--until", "2020-01-01T00:00:00Z") == []
    page = asked(server, "incident", "list", "--limit", 1)
    assert keys("--limit", 1, "--before", page["next"]) != [page["incidents"][0]["key"]]
    assert "since: " in ask(server, "incident", "list", "--since", "yesterday", code=1)
    for wrong in ("state=opened", "severity=bad", "limit=0", "limit=x", "before=x", "filter=%7B", "until=x"):
        answer = request("GET", server.url + "/api/v1/incidents?" + wrong)
        assert answer.status == 400 and answer.json["detail"], (wrong, answer.text)

    ask(server, "incident", "ack", first[:8], "--by", "Ada")
    ask(server, "incident", "note", first, "seen it, -- calling acme")
    ask(server, "incident", "feedback", first[:8], "real", "--reason", "it was")
    wait_until("the deeds show",
               lambda: "calling acme" in ask(server, "incident", "show", first[:8]))
    shown = ask(server, "incident", "show", first[:8])
    for word in (first, "acknowledged", "Ada", "Members", "psp=acme", "Pages", "trigger"):
        assert word in shown, (word, shown)
    assert asked(server, "incident", "show", first)["people"]["acknowledged"]["by"] == "Ada"
    assert server.rows("feedback")[0]["verdict"] == "real"

    week = ask(server, "digest", "weekly")
    for word in ("2 incidents paged", "1 of 2 pages judged: 1 real", "## What drifts"):
        assert word in week, (word, week)
    assert asked(server, "digest", "weekly", "--owner-label", "psp")["owners"][0]["owner"] == "acme"
    assert "0 incidents paged" in ask(server, "digest", "weekly", "--until", "2020-01-01T00:00:00Z")

    draft = ask(server, "incident", "export", first[:8])
    for word in ("# Postmortem draft", "acknowledged by Ada", "calling acme", "To be written"):
        assert word in draft, (word, draft)
    out = box.path / "draft.html"
    assert ask(server, "incident", "export", first, "--format", "html", "--out", out) == ""
    with open(out, encoding="utf-8") as file:
        assert file.read().startswith("<!DOCTYPE html>")
    assert json.loads(ask(server, "incident", "export", first, "--format", "json"))["key"] == first
    assert "no incident's key" in ask(server, "incident", "export", "0000", code=6)

    ask(server, "incident", "unack", first)
    ask(server, "incident", "merge", second[:8], first[:8], "--reason", "the same")
    ask(server, "incident", "resolve", first)
    wait_until("it is resolved",
               lambda: asked(server, "incident", "show", first)["people"]["resolved"] is not None)
    assert "no incident's key" in ask(server, "incident", "show", "0000", code=6)
    ask(server, "incident", "merge", first, first, code=1)
    assert "hexadecimal" in ask(server, "incident", "show", "xyz!", code=2)
    assert "verdict" in ask(server, "incident", "feedback", first, "nonsense", code=2)


def changes_silences_signals_and_status(box):
    server = serve(box)
    assert ask(server, "change", "list") == "No changes.\n"
    made = asked(server, "change", "announce", "psp=acme", "--kind", "maintenance", "--for", "1h",
                 "--note", "Database")["id"]
    ask(server, "change", "announce", "--id", "d-1", "region=eu")
    wait_until("both are listed", lambda: len(asked(server, "change", "list")["changes"]) == 2)
    ask(server, "change", "end", made)

    def ended():
        rows = {c["id"]: c for c in asked(server, "change", "list")["changes"]}
        one = rows[made]
        return one if one["end"] < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60)) else None
    one = wait_until("it is over", ended)
    assert (one["kind"], one["scope"], one["note"]) == ("maintenance", {"psp": "acme"}, "Database"), one
    assert "no announced change" in ask(server, "change", "end", "nothing", code=6)
    assert "name=value" in ask(server, "change", "announce", "start=now", code=1)

    assert ask(server, "silence", "list") == "No silences.\n"
    silence = ask(server, "silence", "add", 'psp="acme"', 'route=~"/pay.*"', "--for", "2h",
                  "--comment", "a drill").strip()
    row = asked(server, "silence", "list")[0]
    assert row["id"] == silence and row["createdBy"] == "anonymous", row
    assert [(m["name"], m["value"], m["isRegex"]) for m in row["matchers"]] == [
        ("psp", "acme", False), ("route", "/pay.*", True)], row
    assert 'route=~"/pay.*"' in ask(server, "silence", "list", 'psp="acme"')
    ask(server, "silence", "expire", silence)
    assert asked(server, "silence", "list") == []
    assert len(asked(server, "silence", "list", "--expired")) == 1
    assert "uuid" in ask(server, "silence", "expire", "7", code=1)
    assert "nothing at this path" in ask(server, "silence", "expire", "../../-/reload", code=6)

    assert asked(server, "signal", "list")["total"] == 0
    assert ask(server, "signal", "list") == "No such signals.\n"
    assert "no signal" in ask(server, "signal", "show", "00ff", code=6)
    wait_until("ready", lambda: server.status()["ready"], 20)
    status = ask(server, "status")
    assert "is ready" in status and "open incidents" in status, status
    assert asked(server, "status")["ready"] is True


def text_of_others_is_inert_and_fits(box):
    server = serve(box)
    key = alert(server, "Hostile", psp=HOSTILE, note="two\nlines")
    for width in ("80", "120", ""):
        for arguments in (("incident", "list"), ("incident", "show", key)):
            out = ask(server, *arguments, env={"COLUMNS": width})
            assert not any(ord(c) < 32 and c != "\n" or 0x7f <= ord(c) < 0xa0 or c == "\u202e"
                           for c in out), repr(out)
        listed = ask(server, "incident", "list", env={"COLUMNS": width})
        assert len(listed.splitlines()) == 2, listed
        if width:
            assert max(map(len, listed.splitlines())) <= int(width), listed
    raw = ask(server, "incident", "show", key, "--json")
    assert raw.isascii() and raw.count("\n") == 1
    assert json.loads(raw)["members"][0]["labels"]["psp"] == HOSTILE


def credentials_come_from_files_and_the_environment(box):
    token = box.write("token", TOKEN + "\n")
    read = box.write("read", "a-token-that-only-reads\n")
    server = serve(box, "auth:\n  tokens:\n"
                        f"    - {{name: boss, role: admin, token_file: {token}}}\n"
                        f"    - {{name: reader, role: read, token_file: {read}}}\n")
    refused = ask(server, "incident", "list", code=5)
    assert "401" in refused and "--token-file" in refused, refused
    ask(server, "incident", "list", "--token-file", read)
    ask(server, "incident", "list", env={"QUELL_TOKEN": TOKEN})
    refused = ask(server, "change", "announce", "psp=a", "--token-file", read, code=5)
    assert "403" in refused and "role" in refused, refused
    made = ask(server, "silence", "add", "psp=a", "--comment", "x", "--token-file", token).strip()
    row = json.loads(ask(server, "silence", "list", "--json", "--token-file", read))[0]
    assert row["id"] == made and row["createdBy"] == "token/boss", row
    assert "is empty" in ask(server, "status", "--token-file", box.write("none", "\n"), code=1)
    done = quell("status", "--url", "http://user:secret@127.0.0.1:1")
    assert done.returncode == 2 and "credentials" in done.stderr, done.stderr
    done = quell("status", "--url", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 4 and "no answer" in done.stderr, done.stderr


def bash_completes_what_there_is(box):
    bash = shutil.which("bash")
    if bash is None:
        raise Missing("bash is missing")
    made = quell("completion", "bash")
    assert made.returncode == 0, made.stderr
    script = box.write("quell.bash", made.stdout)

    def complete(line):
        words = line.split(" ")
        quoted = " ".join("'" + w + "'" for w in words)
        asked_for = (f"source {script}\nCOMP_WORDS=({quoted})\nCOMP_CWORD={len(words) - 1}\n_quell\n"
                     'printf "%s\\n" "${COMPREPLY[@]}"\n')
        done = subprocess.run([bash, "--norc", "-c", asked_for], cwd=box.path, text=True, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return set(filter(None, done.stdout.split("\n")))

    top = complete("quell ")
    shown = quell("--help").stdout
    for verb in ("serve", "incident", "completion", "man", "token"):
        assert verb in top and verb in shown, (verb, top)
    assert complete("quell inc") == {"incident"}
    assert {"list", "show", "ack", "feedback"} <= complete("quell incident ")
    assert {"--json", "--url", "--state"} <= complete("quell incident list --")
    assert complete("quell incident list --state o") == {"open"}
    assert "not_an_incident" in complete("quell incident feedback abcd ")
    assert complete("quell incident list --json --limit ") == set()
    assert "quell.bash" in complete("quell check --config q")
    box.write("a b.yaml", "")
    assert complete("quell check --config a") == {"a b.yaml"}
    assert "filenames" not in made.stdout.splitlines()[-1], "verbs would be taken for folders"
    assert complete("quell completion ") >= {"bash", "zsh", "fish"}
    for shell, check in (("zsh", "-n"), ("fish", "-n")):  # at least they parse, where there is one
        text = quell("completion", shell)
        assert text.returncode == 0 and "incident list" in text.stdout
        if shutil.which(shell):
            done = subprocess.run([shell, check, box.write("made." + shell, text.stdout)], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
            assert done.returncode == 0, done.stdout


def the_manual_page_is_set_without_a_warning(box):
    page = quell("man")
    assert page.returncode == 0 and page.stdout.count(".SS ") > 30, page.stderr
    for part in ("incident list", ".SH EXIT STATUS", "QUELL_TOKEN"):
        assert part in page.stdout, part
    groff = shutil.which("groff")
    if groff is None:
        raise Missing("groff is missing")
    done = subprocess.run([groff, "-man", "-Tutf8", "-ww", "-z"], input=page.stdout, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
    assert done.returncode == 0 and not done.stdout, done.stdout


if __name__ == "__main__":
    run(incidents_are_seen_and_handled,
        changes_silences_signals_and_status,
        text_of_others_is_inert_and_fits,
        credentials_come_from_files_and_the_environment,
        bash_completes_what_there_is,
        the_manual_page_is_set_without_a_warning)
