// Signals: found by words and state, the most urgent first, a page of them at a time.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { amount, scoreOf, words } from "./format";
import { useResource, useSettled } from "./hooks";
import { useLive } from "./live";
import type { SignalList, SignalRow } from "./types";
import { Empty, Failure, LabelList, Loading, Tag } from "./ui";

const pageRows = 100;
const states = ["", "alerting", "insufficient", "live", "late", "zero", "dead", "retired"];
const stateNotes: Record<string, string> = {
  insufficient: "Not judged yet", zero: "No traffic", dead: "Silent", retired: "Retired", late: "Late", live: "Live",
  alerting: "Alerting",
};

export const stateName = (state: string): string => stateNotes[state] ?? words(state);

export function StateTag({ signal }: { signal: SignalRow }): JSX.Element {
  if (signal.alerting) return <Tag kind="alarm">Alerting</Tag>;
  return <Tag kind={signal.state === "live" ? "live" : ""}>{stateName(signal.state)}</Tag>;
}

function Row({ signal }: { signal: SignalRow }): JSX.Element {
  const judged = signal.verdict !== "insufficient_evidence" && signal.verdict !== "";
  const score = scoreOf(signal.tail_probability);
  return (
    <tr class={signal.alerting ? "alarm" : ""}>
      <th scope="row">
        <a data-row href={`#/signals/${signal.id}`}>{signal.what || signal.signal}</a>
        <LabelList labels={signal.labels} />
      </th>
      <td data-name="State"><StateTag signal={signal} /></td>
      <td data-name="Seen" class="number">{amount(signal.value, signal.unit)}</td>
      <td data-name="Expected" class="number">
        {judged ? `${amount(signal.band[0], signal.unit)} to ${amount(signal.band[1], signal.unit)}` : "–"}
      </td>
      <td data-name="Score" class="number">
        {judged ? (
          <span class="score">
            <span class="score-bar" aria-hidden="true"><span style={{ width: `${Math.min(100, score * 8)}%` }} /></span>
            {score.toFixed(1)}
          </span>
        ) : "–"}
      </td>
      <td data-name="Evidence" class="note">{signal.evidence.state === "enough" ? "judged" : signal.evidence.text}</td>
    </tr>
  );
}

function Pager({ list, turn }: { list: SignalList; turn: (offset: number) => void }): JSX.Element | null {
  if (list.total <= pageRows) return null;
  const last = Math.min(list.offset + pageRows, list.total);
  return (
    <div class="pager">
      <button type="button" class="button" disabled={list.offset === 0} onClick={() => turn(Math.max(0, list.offset - pageRows))}>
        Earlier
      </button>
      <span class="note">{list.offset + 1} to {last} of {list.total.toLocaleString("en")}</span>
      <button type="button" class="button" disabled={last >= list.total} onClick={() => turn(list.offset + pageRows)}>
        Further
      </button>
    </div>
  );
}

export function SignalsView(): JSX.Element {
  const live = useLive();
  const [text, setText] = useState("");
  const [state, setState] = useState("");
  const [offset, setOffset] = useState(0);
  const search = useSettled(text);
  const query = new URLSearchParams({ sort: "urgency", limit: String(pageRows), offset: String(offset) });
  if (search) query.set("search", search);
  if (state) query.set("state", state);
  const found = useResource<SignalList>(`/api/v1/signals?${query}`, live.status?.steps ?? 0);
  const [last, setLast] = useState<SignalList>();
  useEffect(() => {
    if (found.data) setLast(found.data);
  }, [found.data]);
  const list = found.data ?? last;
  useEffect(() => setOffset(0), [search, state]);
  return (
    <>
      <div class="lead"><h1>Signals</h1></div>
      <div class="filters">
        <input id="search" type="search" placeholder="Search names and labels: acme failure" aria-label="Search signals"
          value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <div class="chips" role="group" aria-label="State">
          {states.map((name) => (
            <button type="button" class="chip" key={name} aria-pressed={state === name} onClick={() => setState(name)}>
              {name === "" ? "All" : stateName(name)}
              {name !== "" && list && <span class="chip-count">{(list.counts[name] ?? 0).toLocaleString("en")}</span>}
            </button>
          ))}
        </div>
      </div>
      {found.error && <Failure error={found.error} again={found.reload} />}
      {!list && !found.error && <Loading what="signals" lines={8} />}
      {list && list.total === 0 && (
        <Empty title="No signal fits">
          {search || state ? "Search for less, or another state." : "Signals appear when samples arrive and are discovered."}
        </Empty>
      )}
      {list && list.total > 0 && (
        <>
          <table class="table">
            <caption class="visually-hidden">Signals, the most urgent first</caption>
            <thead>
              <tr>
                <th scope="col">Signal</th><th scope="col">State</th><th scope="col" class="number">Seen</th>
                <th scope="col" class="number">Expected</th><th scope="col" class="number">Score</th><th scope="col">Evidence</th>
              </tr>
            </thead>
            <tbody>{list.signals.map((signal) => <Row key={signal.id} signal={signal} />)}</tbody>
          </table>
          <Pager list={list} turn={setOffset} />
        </>
      )}
    </>
  );
}
