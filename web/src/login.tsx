// Who is asking: a token or a name and password, as docs/security.md has them.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { basic, bearer, signIn } from "./api";
import type { Live } from "./live";

export function Login({ live }: { live: Live }): JSX.Element {
  const [byToken, setByToken] = useState(true);
  const [name, setName] = useState("");
  const [secret, setSecret] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    signIn(byToken ? bearer(secret.trim()) : basic(name, secret));
    setSecret("");
    live.enter();
  };
  const kind = (token: boolean, title: string): JSX.Element => (
    <button type="button" class="chip" aria-pressed={byToken === token} onClick={() => setByToken(token)}>
      {title}
    </button>
  );
  return (
    <main id="main" class="login">
      <form onSubmit={submit} class="card">
        <h1>Quell</h1>
        <p class="note">Sign in to see what is going on.</p>
        <div class="chips" role="group" aria-label="How to sign in">
          {kind(true, "Token")}
          {kind(false, "Password")}
        </div>
        {live.refused && <p class="form-error" role="alert">That was not accepted, or may not read.</p>}
        {!byToken && (
          <label>
            Name
            <input name="name" autocomplete="username" required value={name}
              onInput={(event) => setName(event.currentTarget.value)} />
          </label>
        )}
        <label>
          {byToken ? "Token" : "Password"}
          <input name="secret" type="password" autocomplete={byToken ? "off" : "current-password"} required
            value={secret} onInput={(event) => setSecret(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button primary">Sign in</button>
        <p class="note">Kept in this tab alone, until it closes.</p>
      </form>
    </main>
  );
}
