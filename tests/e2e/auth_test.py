"""Who may do what, over HTTP: tokens, passwords, roles, reload, what is logged, and where Quell refuses
to listen."""

import base64
import signal
import ssl
import subprocess
import time

from harness import QUELL, V2, free_port, quell, request, run, snappy, wait_until, write_v2

ROLES = ("ingest", "read", "operate", "admin")
LABELS = {"__name__": "payments_total", "psp": "acme", "outcome": "success", "job": "pay"}
CHANGE = b'{"id":"d1","time":"2026-11-22T10:00:00Z","kind":"deploy","service":"payments-api"}'
PASSWORD = "planted-password with: colons"
# What no output may ever hold.
PLANTED = ["planted-password", "planted-wrong-token", "planted-user", "planted-path"]

READS = ("/metrics", "/api/v1/status", "/api/v1/incidents", "/api/v1/alerts",
         "/api/v1/decisions", "/api/v1/signals", "/api/v1/adoptions", "/api/v1/session", "/api/v1/changes")


def token_of(role):
    return f"planted-token-of-{role}"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def auth_section(box, roles=ROLES, anonymous=""):
    text = "auth:\n  tokens:\n"
    for role in roles:
        file = box.write(f"{role}.token", token_of(role) + "\n")
        text += f"    - {{name: the-{role}, role: {role}, token_file: {file}}}\n"
    hashed = box.write("alice.hash", hash_of(PASSWORD).stdout)
    text += f"  users:\n    - {{name: alice, role: read, password_hash_file: {hashed}}}\n"
    return text + (f"  anonymous: [{anonymous}]\n" if anonymous else "")


def hash_of(password):
    return subprocess.run([QUELL, "token", "hash"], input=password + "\n", text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def start(box, extra):
    port = free_port()
    return box.serve("server", "--config", box.config("q", port, extra=extra), port=port)


def write_body():
    at = int(time.time() * 1000)
    return snappy(write_v2([(LABELS, [(at - 1000, 1.0), (at, 2.0)])]))


def routes():
    """method, path, body, headers, the roles that may."""
    yield "POST", "/api/v1/write", write_body(), V2, {"ingest", "admin"}
    yield "POST", "/api/v1/changes", CHANGE, {}, {"operate", "admin"}
    yield "POST", "/-/reload", b"", {}, {"admin"}
    for path in READS:
        yield "GET", path, None, {}, {"read", "operate", "admin"}


def check_nothing_planted(server, *texts):
    for text in (server.err(), server.out(), *texts):
        for word in [*PLANTED, *(token_of(role) for role in ROLES)]:
            assert word not in text, f"{word} in: {text[:2000]}"


def every_role_gets_its_routes_and_no_others(box):
    server = start(box, auth_section(box))
    seen = []
    for method, path, body, headers, may in routes():
        for role in ROLES:
            answer = request(method, server.url + path, body, {**headers, **bearer(token_of(role))})
            assert (answer.status // 100 == 2) if role in may else answer.status == 403, \
                f"{role} {method} {path}: {answer.status} {answer.text}"
            if answer.status == 403:
                assert answer.json["error"]["code"] == "forbidden"
            seen.append(answer.text)
        answer = request(method, server.url + path, body, headers)
        assert answer.status == 401, f"{method} {path}: {answer.status}"
        assert answer.json["error"]["code"] == "unauthenticated"
        assert 'realm="quell"' in answer.headers["WWW-Authenticate"]
    for path in ("/-/healthy", "/-/ready"):
        wait_until(path, lambda path=path: request("GET", server.url + path).status == 200)
    check_nothing_planted(server, *seen)


def a_password_serves_as_well(box):
    server = start(box, auth_section(box))
    for _ in range(3):
        assert request("GET", server.url + "/metrics", headers=basic("alice", PASSWORD)).status == 200
    assert request("POST", server.url + "/-/reload", b"",
                   basic("alice", PASSWORD)).status == 403
    for user, password in (("alice", "wrong"), ("planted-user", PASSWORD), ("alice", "")):
        answer = request("GET", server.url + "/metrics", headers=basic(user, password))
        assert answer.status == 401, answer.text
    check_nothing_planted(server)


def samples_need_the_ingest_role(box):
    server = start(box, auth_section(box))

    def accepted():
        text = request("GET", server.url + "/metrics", headers=bearer(token_of("read"))).text
        return int(text.split("\nquell_samples_accepted_total ")[1].split()[0])

    for headers in ({}, bearer(token_of("read")), bearer(token_of("operate")),
                    bearer("planted-wrong-token-0"), basic("alice", PASSWORD)):
        assert request("POST", server.write_url, write_body(), {**V2, **headers}).status in (401, 403)
    assert accepted() == 0
    answer = request("POST", server.write_url, write_body(), {**V2, **bearer(token_of("ingest"))})
    assert answer.status == 204, answer.text
    assert accepted() == 2


def client_certificates_are_identities(box):
    def openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=box.path, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr

    def certificate(name, common_name, authority=None):
        key, cert, ask = (box.path / f"{name}.{end}" for end in ("key", "crt", "csr"))
        fresh = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-keyout", key, "-subj", f"/O=Payments/CN={common_name}")
        if authority is None:
            openssl(*fresh, "-x509", "-days", "2", "-out", cert)
        else:
            openssl(*fresh, "-out", ask)
            openssl("x509", "-req", "-in", ask, "-CA", box.path / f"{authority}.crt", "-CAkey",
                    box.path / f"{authority}.key", "-CAcreateserial", "-days", "2", "-out", cert)
        return cert, key

    certificate("authority", "the authority")
    certificate("other", "another authority")
    server_cert, server_key = certificate("server", "127.0.0.1", "authority")
    sender = certificate("sender", "sender.example", "authority")
    reader = certificate("reader", "reader.example", "authority")
    stranger = certificate("stranger", "stranger.example", "authority")
    forged = certificate("forged", "sender.example", "other")
    port = free_port()
    text = f"tls: {{cert_file: {server_cert}, key_file: {server_key}, " \
           f"client_ca_file: {box.path / 'authority.crt'}}}\n" \
           "auth:\n  client_certificates:\n    - {common_name: sender.example, role: ingest}\n" \
           "    - {common_name: reader.example, role: read}\n"
    server = box.start("server", QUELL, "serve", "--config", box.config("q", port, extra=text))
    wait_until("it listens", lambda: "msg=\"listening\"" in server.err() or not server.alive())
    url = f"https://127.0.0.1:{port}"

    def ask(who, method, path, body=None, headers=None):
        context = ssl.create_default_context(cafile=str(box.path / "authority.crt"))
        context.check_hostname = False
        if who:
            context.load_cert_chain(*map(str, who))
        return request(method, url + path, body, headers or {}, context=context).status

    assert ask(reader, "GET", "/metrics") == 200
    assert ask(sender, "POST", "/api/v1/write", write_body(), V2) == 204
    assert ask(sender, "GET", "/metrics") == 403
    assert ask(reader, "POST", "/api/v1/write", write_body(), V2) == 403
    assert ask(stranger, "GET", "/metrics") == 401
    assert ask(stranger, "GET", "/planted-path") == 401
    assert ask(stranger, "GET", "/-/healthy") == 200
    assert ask(reader, "GET", "/metrics", None, bearer("planted-wrong-token-0")) == 401
    for who in (None, forged):
        try:
            status = ask(who, "GET", "/-/healthy")
        except OSError:  # the handshake fails
            continue
        raise AssertionError(f"let in without a certificate of the authority: {status}")
    check_nothing_planted(server)


def strangers_learn_nothing(box):
    server = start(box, auth_section(box))
    for headers in ({}, bearer("planted-wrong-token-0"), {"Authorization": "planted-nonsense"},
                    {"Authorization": "Bearer " + "x" * 4000}):
        answers = [request(method, server.url + path, headers=headers)
                   for method, path in (("GET", "/metrics"), ("GET", "/planted-path"),
                                        ("GET", "/api/v1/write"), ("DELETE", "/-/healthy"))]
        for answer in answers:
            assert answer.status == 401
            assert answer.body == answers[0].body
            assert answer.headers.keys() == answers[0].headers.keys()
    known = bearer(token_of("ingest"))
    assert request("GET", server.url + "/planted-path", headers=known).status == 404
    wrong = request("GET", server.url + "/api/v1/write", headers=known)
    assert wrong.status == 405 and wrong.headers["Allow"] == "POST", wrong.headers
    check_nothing_planted(server, request("GET", server.url + "/metrics",
                                          headers=bearer(token_of("read"))).text)


def guessing_is_slowed_down_and_counted(box):
    server = start(box, auth_section(box))
    statuses = [request("GET", server.url + "/metrics",
                        headers=basic("alice", f"planted-password-{i}")) for i in range(14)]
    assert [a.status for a in statuses[:10]] == [401] * 10
    last = statuses[-1]
    assert last.status == 429 and 1 <= int(last.headers["Retry-After"]) <= 6, last.status
    metrics = request("GET", server.url + "/metrics", headers=bearer(token_of("read"))).text
    assert 'quell_auth_failures_total{reason="wrong_password"} 1' in metrics, metrics
    assert 'quell_auth_failures_total{reason="throttled"} ' in metrics
    assert "reason=wrong_password" in server.err() and "peer=127.0.0.1" in server.err()
    check_nothing_planted(server, metrics)


def changes_are_logged_with_their_author(box):
    server = start(box, auth_section(box))
    answer = request("POST", server.url + "/api/v1/changes", CHANGE, bearer(token_of("operate")))
    assert answer.status == 202, answer.text
    wait_until("the log names who", lambda: "identity=token/the-operate" in server.err())
    assert "path=/api/v1/changes" in server.err()
    check_nothing_planted(server)


def a_reload_takes_identities_over(box):
    server = start(box, auth_section(box))
    path = box.path / "q.yaml"
    text = path.read_text()
    reader = bearer(token_of("read"))
    assert request("GET", server.url + "/metrics", headers=reader).status == 200
    assert request("GET", server.url + "/metrics", headers=basic("alice", PASSWORD)).status == 200

    # Nobody is left with the read token, and alice is gone.
    kept = "".join(line + "\n" for line in text.splitlines()
                   if "the-read" not in line and "alice" not in line and line != "  users:")
    path.write_text(kept)
    server.signal(signal.SIGHUP)
    wait_until("the token is refused",
               lambda: request("GET", server.url + "/metrics", headers=reader).status == 401)
    assert request("GET", server.url + "/metrics", headers=basic("alice", PASSWORD)).status == 401

    # A broken one changes nothing.
    path.write_text(kept.replace("role: operate", "role: king"))
    answer = request("POST", server.url + "/-/reload", b"", bearer(token_of("admin")))
    assert answer.status == 400 and "king" in answer.text, answer.text
    assert request("GET", server.url + "/metrics", headers=bearer(token_of("operate"))).status == 200

    path.write_text(text)
    assert request("POST", server.url + "/-/reload", b"", bearer(token_of("admin"))).status == 200
    assert request("GET", server.url + "/metrics", headers=reader).status == 200
    check_nothing_planted(server)


def an_open_address_needs_authentication_or_a_word(box):
    port = free_port()
    bare = box.write("bare.yaml", f'listen: ":{port}"\ndata_dir: {box.path / "bare"}\n')
    for verb in (("serve", "--config", bare), ("check", "--config", bare),
                 ("serve", "--listen", f"0.0.0.0:{port}", "--data-dir", box.path / "flag")):
        refused = quell(*verb, seconds=30)
        assert refused.returncode == 1, refused.stderr
        assert "--allow-unauthenticated" in refused.stderr and "docs/security.md" in refused.stderr
    server = box.serve("allowed", "--config", bare, "--allow-unauthenticated", port=port)
    assert "everybody who reaches this address may do everything" in server.err()
    assert request("GET", server.url + "/metrics").status == 200
    # What was said at the start holds over a reload.
    assert request("POST", server.url + "/-/reload", b"").status == 200

    port = free_port()
    text = f'listen: ":{port}"\ndata_dir: {box.path / "secured"}\n' + auth_section(box)
    secured = box.serve("secured", "--config", box.write("secured.yaml", text), port=port)
    assert request("GET", secured.url + "/metrics").status == 401
    assert "credentials cross the network unencrypted" in secured.err()
    # Taking authentication away on an open address is not taken over.
    box.write("secured.yaml", text[:text.index("auth:")])
    answer = request("POST", secured.url + "/-/reload", b"", bearer(token_of("admin")))
    assert answer.status == 400 and "allow_unauthenticated" in answer.text, answer.text
    assert request("GET", secured.url + "/metrics").status == 401


def new_tokens_work_by_their_digest(box):
    made = quell("token", "new")
    assert made.returncode == 0
    fields = dict(line.split() for line in made.stdout.splitlines())
    server = start(box, "auth:\n  tokens:\n    - {name: fresh, role: [ingest, read], "
                        f"token_sha256: {fields['sha256']}}}\n")
    mine = bearer(fields["token"])
    assert request("GET", server.url + "/metrics", headers=mine).status == 200
    assert request("POST", server.write_url, write_body(), {**V2, **mine}).status == 204
    assert request("GET", server.url + "/metrics", headers=bearer(fields["sha256"])).status == 401
    assert fields["token"] not in server.err()
    named = quell("token", "new", "--name", "ada", "--role", "operate").stdout.splitlines()
    line = named[2].removeprefix("config").strip()
    assert line.startswith("- {name: ada, role: operate, token_sha256: "), named
    server.stop()
    ada = start(box, f"auth:\n  tokens:\n    {line}\n")
    mine = bearer(named[0].split()[1])
    assert request("GET", ada.url + "/metrics", headers=mine).status == 200
    assert quell("token", "new", "--name", "a}, {b").returncode == 2
    assert hash_of("a password").stdout.startswith("$y$")
    refused = hash_of("")
    assert refused.returncode == 1 and "a password has" in refused.stderr


if __name__ == "__main__":
    run(every_role_gets_its_routes_and_no_others,
        a_password_serves_as_well,
        samples_need_the_ingest_role,
        client_certificates_are_identities,
        strangers_learn_nothing,
        guessing_is_slowed_down_and_counted,
        changes_are_logged_with_their_author,
        a_reload_takes_identities_over,
        an_open_address_needs_authentication_or_a_word,
        new_tokens_work_by_their_digest)
