"""The web page in a real browser over running engines, and its sources under the strict type checker."""

import json
import os
import shutil
import sqlite3
import subprocess
import time

from harness import (BUILD, SOURCE, V1, Missing, free_port, request, run, simulate, snappy,
                     wait_until, write_v1)

CHROMIUM = os.environ.get("QUELL_CHROMIUM", "/usr/bin/chromium")
TESTS = SOURCE / "tests" / "web"
PLATFORM = ("--seed", "7", "--series", "200", "--interval", "30s", "--start", "now-120h",
            "--duration", "120h", "--quiet-start", "48h", "--batch", "50000", "--inject",
            "psp_outage,psp=acme,+119h40m,40m")
HOSTILE = '<img src=x onerror=alert(1)>'


def node():
    found = shutil.which("node") or shutil.which("nodejs")
    if found is None or shutil.which("npm") is None:
        raise Missing("node or npm is missing (scripts/install-packages test)")
    return found


def packages():
    """The folder with the tests' own packages, fetched once for each lock file."""
    node()
    work = BUILD / "tests" / "web"
    work.mkdir(parents=True, exist_ok=True)
    lock = (TESTS / "package-lock.json").read_text()
    stamp = work / "packages.stamp"
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(TESTS / name, work / name)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--prefer-offline"], cwd=work,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0, "npm ci: " + done.stdout
        stamp.write_text(lock)
    return work


def page_is_built():
    if not (BUILD / "web" / "page_assets.cc").exists():
        raise Missing("this build has no page (QUELL_WEB=OFF)")


def types_are_strict(box):
    page_is_built()
    work = packages()
    shutil.copy(SOURCE / "web" / "tsconfig.json", BUILD / "web" / "tsconfig.json")
    done = subprocess.run([node(), work / "node_modules" / "typescript" / "bin" / "tsc", "-p",
                           BUILD / "web" / "tsconfig.json"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def files_come_with_a_strict_policy(box):
    page_is_built()
    port = free_port()
    server = box.serve("server", "--config", box.config("q", port), port=port)
    page = request("GET", server.url + "/", headers={"Accept": "text/html"})
    assert page.status == 200 and "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "<style" not in page.text and "<script>" not in page.text
    assert request("GET", server.url + "/", headers={
        "Accept": "text/html", "If-None-Match": page.headers["ETag"]}).status == 304
    for name in page.text.split('"'):
        if not name.startswith("/web/"):
            continue
        plain = request("GET", server.url + name)
        packed = request("GET", server.url + name, headers={"Accept-Encoding": "gzip"})
        assert plain.status == packed.status == 200
        assert "immutable" in plain.headers["Cache-Control"], name
        assert packed.headers["Content-Encoding"] == "gzip" and len(packed.body) < len(plain.body)
    assert request("GET", server.url + "/web/none.js").status == 404
    assert "/api/v1/write" in server.get("/").text  # to whom no page is of use
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}):
        answer = request("POST", server.url + "/api/v1/changes", b"{}", headers)
        assert answer.status == 403 and answer.json["error"]["code"] == "other_site", headers
    own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    assert request("POST", server.url + "/api/v1/changes", b"{}", own).status == 400


def write_report(box):
    """What quell replay would have written, with names that mean harm."""
    times = {"start": "2026-08-10T09:00:00Z", "end": "2026-08-10T10:00:00Z"}
    report = {"version": 1, "scores": {"incidents": 2, "caught": 1, "pages": 1, "precision": 1.0, "recall": 0.5},
              "by_kind": {HOSTILE: {"incidents": 2, "caught": 1, "pages": 1, "detect_median_seconds": 90.5}},
              "incidents": [{"id": "INC-1", "kind": HOSTILE, "caught": True, **times},
                            {"id": "INC-<b>2</b>", "kind": HOSTILE, "caught": False, **times}]}
    folder = box.path / "reports" / "august"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps(report))
    return f"server: {{reports: {folder.parent}}}\n"


def busy(box):
    port = free_port()
    server = box.serve("busy", "--config", box.config("busy", port, extra=write_report(box)), port=port)
    simulate(*PLATFORM, "--remote-write", server.write_url)
    now = int(time.time())
    hostile = [({"__name__": "queue_depth", "queue": HOSTILE, "note": "x" * 900},
                [((now - 600 + 30 * i) * 1000, 10.0 + i % 3) for i in range(20)])]
    assert request("POST", server.write_url, snappy(write_v1(hostile)), V1).status == 204
    labels = {"alertname": "hostile", "severity": "warning", "queue": HOSTILE, "note": "y" * 900,
              "bell": "\x07\x1b[2J\u202e"}
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 7200))
    alert = [{"labels": labels, "endsAt": ends, "annotations": {"summary": HOSTILE}}]
    answer = request("POST", server.url + "/api/v2/alerts", json.dumps(alert).encode(),
                     {"Content-Type": "application/json"})
    assert answer.status == 200, answer.text
    change = {"id": "d1", "time": now - 1500, "kind": "deploy", "note": "Canary of 5 %", "psp": "acme"}
    assert request("POST", server.url + "/api/v1/changes", json.dumps(change).encode()).status == 202
    server.wait_applied()
    wait_until("an incident is open", lambda: server.status()["open_incidents"] > 1)
    server.wait_delivered()
    return server


def guarded(box):
    port = free_port()
    auth = "auth:\n  tokens:\n"
    for role in ("read", "operate"):
        file = box.write(f"{role}.token", f"page-token-of-{role}\n")
        auth += f"    - {{name: the-{role}, role: {role}, token_file: {file}}}\n"
    server = box.serve("guarded", "--config", box.config("guarded", port, extra=auth), port=port)
    now = time.time()
    at = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + s)) for s in (0, 3600)]
    silence = {"matchers": [{"name": "psp", "value": "acme", "isRegex": False}], "startsAt": at[0],
               "endsAt": at[1], "createdBy": "test", "comment": "an old one"}
    answer = request("POST", server.url + "/api/v2/silences", json.dumps(silence).encode(),
                     {"Authorization": "Bearer page-token-of-operate",
                      "Content-Type": "application/json"})
    assert answer.status == 200, answer.text
    return server


def in_a_browser(box, script, *arguments):
    """What node says of a script of tests/web over engines that run."""
    if not os.access(CHROMIUM, os.X_OK):
        raise Missing(f"{CHROMIUM} is missing (scripts/install-packages test)")
    work = packages()
    shots = os.environ.get("QUELL_SHOTS", str(box.path))
    done = subprocess.run([node(), TESTS / script, *arguments, shots], timeout=200,
                          env={**os.environ, "QUELL_PAGE_TESTS": str(work),
                               "QUELL_CHROMIUM": CHROMIUM},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout)
    assert done.returncode == 0, f"{script}: see above"


def every_view_and_action_in_a_browser(box):
    page_is_built()
    port = free_port()
    urls = [busy(box).url,
            box.serve("empty", "--config", box.config("empty", port), port=port).url,
            guarded(box).url]
    in_a_browser(box, "page.mjs", *urls)
    for child in box.children:
        assert "page-token" not in child.err() + child.out(), f"{child.name} told a token"


def gauges(now, first):
    """Twenty minutes of 500 gauges."""
    return [({"__name__": "queue_depth", "queue": f"q{i:05d}", "region": ("us", "eu")[i % 2],
              "psp": ("acme", "globex", "initech")[i % 3]},
             [((now - 30 * (40 - j)) * 1000, 10.0 + i * j % 7) for j in range(40)])
            for i in range(first, first + 500)]


def many_incidents(store, body):
    """A thousand copies of one, of which sixty are open."""
    connection = sqlite3.connect(store)
    for i in range(1000):
        body.update(id=i + 100, key=f"{i + 1:064x}", state="open" if i < 60 else "resolved",
                    resolved_at=None if i < 60 else body["onset"])
        connection.execute("INSERT INTO incidents (id, sequence, at_ms, body) VALUES (?, ?, ?, ?)",
                           (body["key"], 10000 + i, int(time.time() * 1000) - i * 1000,
                            json.dumps(body, separators=(",", ":"))))
    connection.commit()
    connection.close()


def thousands_stay_smooth(box):
    page_is_built()
    teacher = busy(box)
    body = max(teacher.rows("incidents"), key=lambda row: len(row["members"]))
    teacher.stop()
    port = free_port()
    config = box.config("many", port)
    server = box.serve("many", "--config", config, port=port)
    now = int(time.time()) // 30 * 30
    for first in range(0, 10000, 500):
        wire = snappy(write_v1(gauges(now, first)))
        assert request("POST", server.write_url, wire, V1).status == 204
    server.wait_applied()
    assert server.status()["signals"] == 10000
    server.stop()
    many_incidents(box.path / "many-data" / "quell.db", body)
    server = box.serve("again", "--config", config, port=port)
    wait_until("ready", lambda: request("GET", server.url + "/-/ready").status == 200)
    in_a_browser(box, "scale.mjs", server.url)


if __name__ == "__main__":
    run(types_are_strict, files_come_with_a_strict_policy, every_view_and_action_in_a_browser,
        thousands_stay_smooth)
