// The audit log: what was decided, who did what, which version decided. Newest first.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get } from "./api";
import { personOf, words } from "./format";
import { useResource } from "./hooks";
import { useLive } from "./live";
import type { AuditEntry, AuditHead, AuditPage } from "./types";
import { Empty, Failure, Loading, Tag, Time } from "./ui";

const kinds = ["", "decision", "page", "action", "config", "model", "prune"];
const pageRows = 100;

// Keys of incidents are links (those of a further page end in #2, ...); what else there is about
// (silences, changes, ...) is text. The whole is in the title.
function About({ entry }: { entry: AuditEntry }): JSX.Element {
  const [key = "", further] = entry.key.split("#");
  const incident = entry.kind === "page" || /^(incident|people)_/.test(entry.what);
  const shown = (key.length > 14 ? `${key.slice(0, 12)}…` : key) + (further ? `#${further}` : "");
  return incident && key ? <a href={`#/incidents/${encodeURIComponent(key)}`}>{shown}</a> : <>{shown}</>;
}

function Row({ entry }: { entry: AuditEntry }): JSX.Element {
  return (
    <tr>
      <td class="number" data-name="Entry">{entry.entry.toLocaleString("en")}</td>
      <td><Time at={entry.at} seconds /></td>
      <td><Tag>{words(entry.kind)}</Tag></td>
      <td>{words(entry.what)}{entry.detail && <span class="note"> {entry.detail}</span>}</td>
      <td class="code" title={entry.key} data-name={entry.key && "About"}><About entry={entry} /></td>
      <td data-name={entry.actor && "By"}>{personOf(entry.actor)}</td>
      <td class="code" data-name="Version" title={`digest ${entry.digest}\nhash ${entry.hash}`}>{entry.model.slice(0, 8)}</td>
    </tr>
  );
}

// What was asked for first, and what "Older" added to it.
function useEntries(query: string, revision: number): {
  rows: AuditEntry[] | undefined; error: ReturnType<typeof useResource>["error"]; more: (() => Promise<void>) | undefined;
} {
  const first = useResource<AuditPage>(`/api/v1/audit?${query}`, revision);
  const [older, setOlder] = useState<{ query: string; rows: AuditEntry[]; next: number | null }>();
  useEffect(() => setOlder(undefined), [query]);
  const rest = older?.query === query ? older : undefined;
  const known = rest?.rows ?? [];
  const oldest = known[0]?.entry ?? -1;
  const rows = first.data && [...first.data.audit.filter((row) => row.entry > oldest), ...known];
  const next = rest ? rest.next : first.data?.next;
  const more = next == null || !rows ? undefined : async (): Promise<void> => {
    const found = await get<AuditPage>(`/api/v1/audit?${query}&before=${next}`);
    setOlder({ query, rows: [...rows, ...found.audit], next: found.next });
  };
  return { rows, error: first.error, more };
}

export function AuditView(): JSX.Element {
  const live = useLive();
  const revision = live.status?.effects ?? 0;
  const [kind, setKind] = useState("");
  const [key, setKey] = useState("");
  const query = new URLSearchParams({ limit: String(pageRows) });
  if (kind) query.set("kind", kind);
  if (key.trim()) query.set("key", key.trim());
  const { rows, error, more } = useEntries(query.toString(), revision);
  const head = useResource<AuditHead>("/api/v1/audit/head", revision);
  const [failed, setFailed] = useState("");
  const older = (): void => void more?.().then(() => setFailed(""), (problem: unknown) => setFailed(String(problem)));
  return (
    <>
      <div class="lead">
        <h1>Audit log</h1>
        {head.data && <p class="lead-text">{head.data.entry.toLocaleString("en")} entries, each hashed with the one before it. Head <code class="code">{head.data.hash}</code></p>}
      </div>
      <div class="filters">
        <input type="search" placeholder="Key of an incident, alert, silence" aria-label="About" value={key}
          onInput={(event) => setKey(event.currentTarget.value)} />
        <div class="chips" role="group" aria-label="Kind">
          {kinds.map((name) => (
            <button type="button" class="chip" key={name} aria-pressed={kind === name} onClick={() => setKind(name)}>
              {name === "" ? "All" : words(name)}
            </button>
          ))}
        </div>
      </div>
      {error && <Failure error={error} again={() => undefined} />}
      {!rows && !error && <Loading what="the audit log" lines={8} />}
      {rows && rows.length === 0 && <Empty title="No entry fits" />}
      {rows && rows.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-label="Entries">
          <table class="table">
            <caption class="visually-hidden">Entries of the audit log, newest first</caption>
            <thead>
              <tr>
                <th scope="col" class="number">Entry</th><th scope="col">At</th><th scope="col">Kind</th><th scope="col">What</th>
                <th scope="col">About</th><th scope="col">By</th><th scope="col">Version</th>
              </tr>
            </thead>
            <tbody>{rows.map((entry) => <Row key={entry.entry} entry={entry} />)}</tbody>
          </table>
        </div>
      )}
      {failed && <p class="form-error" role="alert">{failed}</p>}
      {more && <button type="button" class="button" onClick={older}>Older entries</button>}
    </>
  );
}
