// One signal: what it shows, what is expected, whether it can be judged.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { amount, odds, scoreOf } from "./format";
import { useResource } from "./hooks";
import { may, useLive } from "./live";
import { SignalPlot } from "./member";
import { StateTag } from "./signals";
import { SilenceDialog } from "./silence";
import type { SignalRow } from "./types";
import { Failure, LabelList, Loading, Section, Time } from "./ui";

export function SignalView({ id }: { id: string }): JSX.Element {
  const live = useLive();
  const [silencing, setSilencing] = useState(false);
  const found = useResource<SignalRow>(`/api/v1/signals/${encodeURIComponent(id)}`, live.status?.steps ?? 0);
  const signal = found.data;
  if (!signal) {
    return found.error ? <Failure error={found.error} again={found.reload} /> : <Loading what="the signal" lines={6} />;
  }
  const judged = signal.verdict !== "insufficient_evidence" && signal.verdict !== "";
  return (
    <>
      <p class="crumb"><a href="#/signals">Signals</a> / {signal.signal}</p>
      <div class="lead">
        <p class="row-head">
          <StateTag signal={signal} />
          {signal.last_seen && <span class="row-when">last sample <Time at={signal.last_seen} seconds /></span>}
        </p>
        <h1>{signal.what || signal.signal}</h1>
        <LabelList labels={signal.labels} />
      </div>
      {may(live, "operate") && (
        <div class="actions" role="group" aria-label="Actions">
          <button type="button" class="button" onClick={() => setSilencing(true)}>Silence…</button>
        </div>
      )}
      <dl class="facts">
        <div class="fact"><dt>Seen</dt><dd class="fact-text">{amount(signal.value, signal.unit)}</dd></div>
        <div class="fact">
          <dt>Expected</dt>
          <dd class="fact-text">{judged ? amount(signal.expected, signal.unit) : "–"}</dd>
          {judged && <dd class="fact-note">{amount(signal.band[0], signal.unit)} to {amount(signal.band[1], signal.unit)}</dd>}
        </div>
        <div class="fact">
          <dt>Score</dt>
          <dd class="fact-text">{judged ? scoreOf(signal.tail_probability).toFixed(1) : "–"}</dd>
          {judged && <dd class="fact-note">by chance: {odds(signal.tail_probability)}</dd>}
        </div>
        <div class="fact">
          <dt>Evidence</dt><dd class="fact-text">{signal.evidence.points.toLocaleString("en")} points</dd>
          <dd class="fact-note">{signal.evidence.text}</dd>
        </div>
      </dl>
      <Section title="The last hours"><SignalPlot id={id} name={signal.what} unit={signal.unit} /></Section>
      {silencing && <SilenceDialog labels={{ alertname: signal.signal, ...signal.labels }} close={() => setSilencing(false)} />}
    </>
  );
}
