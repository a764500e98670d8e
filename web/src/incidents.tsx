// All incidents, narrowed: by state, severity, time, words.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { get } from "./api";
import { words } from "./format";
import { useNow, useResource, useSettled } from "./hooks";
import { useLive } from "./live";
import { IncidentRow } from "./now";
import type { IncidentBrief, IncidentPage } from "./types";
import { Empty, Failure, Loading } from "./ui";

const pageRows = 50;
const states = ["", "open", "held", "resolved", "suppressed", "merged"];
const severities = ["", "critical", "error", "warning", "info"];
const times: [string, number][] = [["Any time", 0], ["24 hours", 1], ["7 days", 7], ["30 days", 30]];
const stateWords: Record<string, string> = { held: "Waiting", suppressed: "Held back", resolved: "Over" };

function Chips({ name, of, chosen, choose }: {
  name: string;
  of: string[];
  chosen: string;
  choose: (one: string) => void;
}): JSX.Element {
  return (
    <div class="chips" role="group" aria-label={name}>
      {of.map((one) => (
        <button type="button" class="chip" key={one} aria-pressed={chosen === one} onClick={() => choose(one)}>
          {one === "" ? "All" : (stateWords[one] ?? words(one))}
        </button>
      ))}
    </div>
  );
}

export function IncidentsView(): JSX.Element {
  const live = useLive();
  const now = useNow(5000);
  const [text, setText] = useState("");
  const [state, setState] = useState("");
  const [severity, setSeverity] = useState("");
  const [since, setSince] = useState("");
  const [later, setLater] = useState<{ query: string; rows: IncidentBrief[]; next: string | null }>();
  const [failed, setFailed] = useState("");
  const search = useSettled(text);
  const asked = new URLSearchParams({ brief: "true", limit: String(pageRows) });
  if (search) asked.set("search", search);
  if (state) asked.set("state", state);
  if (severity) asked.set("severity", severity);
  if (since) asked.set("since", since);
  const query = asked.toString();
  const found = useResource<IncidentPage>(`/api/v1/incidents?${query}`, live.status?.effects ?? 0);
  useEffect(() => {
    setLater(undefined);
    setFailed("");
  }, [query]);
  const more = later?.query === query ? later : undefined;
  const first = found.data?.incidents ?? [];
  // What has changed since has moved to the front.
  const known = new Set(first.map((one) => one.key));
  const rows = [...first, ...(more?.rows ?? []).filter((one) => !known.has(one.key))];
  const next = more ? more.next : (found.data?.next ?? null);
  const further = async (): Promise<void> => {
    try {
      const page = await get<IncidentPage>(`/api/v1/incidents?${query}&before=${next}`);
      setLater({ query, rows: [...(more?.rows ?? []), ...page.incidents], next: page.next });
    } catch (problem) {
      setFailed(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <>
      <div class="lead"><h1>Incidents</h1></div>
      <div class="filters">
        <input type="search" placeholder="Search summaries and labels: acme eu" aria-label="Search incidents"
          maxLength={200} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <Chips name="State" of={states} chosen={state} choose={setState} />
        <Chips name="Severity" of={severities} chosen={severity} choose={setSeverity} />
        <label>
          Began within{" "}
          <select onChange={(event) => {
            const days = Number(event.currentTarget.value);
            setSince(days > 0 ? new Date(Date.now() - days * 86_400_000).toISOString() : "");
          }}>
            {times.map(([name, days]) => <option key={name} value={days}>{name}</option>)}
          </select>
        </label>
      </div>
      {found.error && <Failure error={found.error} again={found.reload} />}
      {!found.data && !found.error && <Loading what="incidents" lines={6} />}
      {found.data && rows.length === 0 && next === null && <Empty title="No incident fits">Search for less, or another state.</Empty>}
      {rows.length > 0 && (
        <ul class="rows" aria-label="Incidents">
          {rows.map((one) => <li key={one.key}><IncidentRow incident={one} now={now} /></li>)}
        </ul>
      )}
      {failed && <p class="form-error" role="alert">{failed}</p>}
      {next !== null && <button type="button" class="button" onClick={() => void further()}>Further back</button>}
    </>
  );
}
