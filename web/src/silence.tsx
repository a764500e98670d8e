// A silence: what it would cover is shown before it is made.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { count, labelText } from "./format";
import { useResource } from "./hooks";
import { useLive } from "./live";
import type { Labels, SignalList } from "./types";
import { Dialog, LabelList } from "./ui";

const lengths: [string, number][] = [["30 min", 30], ["2 h", 120], ["8 h", 480], ["1 day", 1440]];

function Effect({ labels }: { labels: Labels }): JSX.Element {
  const filters = Object.entries(labels).map(([name, value]) => "filter=" + encodeURIComponent(`${name}=${JSON.stringify(value)}`));
  const covered = useResource<SignalList>(`/api/v1/signals?limit=5&sort=urgency&${filters.join("&")}`);
  const list = covered.data;
  if (filters.length === 0) return <p class="form-error" role="alert">Choose at least one label.</p>;
  if (!list) return <p class="note">Looking at what it covers…</p>;
  const alerting = list.signals.filter((signal) => signal.alerting).length;
  return (
    <div class="effect" aria-live="polite">
      <p>
        <b>Pages of {count(list.total, "signal")} would be held back</b>
        {alerting > 0 ? `, ${list.total > 5 ? "at least " : ""}${alerting} of them alerting now.` : ", none of the first alerting now."}
      </p>
      <ul class="words">
        {list.signals.map((signal) => <li key={signal.id}>{signal.what} of {labelText(signal.labels)}</li>)}
        {list.total > 5 && <li>and {(list.total - 5).toLocaleString("en")} more</li>}
      </ul>
    </div>
  );
}

export function SilenceDialog({ labels, close }: { labels: Labels; close: () => void }): JSX.Element {
  const live = useLive();
  const [chosen, setChosen] = useState<Labels>(labels);
  const [minutes, setMinutes] = useState(120);
  const [comment, setComment] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const toggle = (name: string): void => {
    const next = { ...chosen };
    if (name in next) delete next[name];
    else next[name] = labels[name] ?? "";
    setChosen(next);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    const now = Date.now();
    try {
      await change("POST", "/api/v2/silences", {
        matchers: Object.entries(chosen).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
        startsAt: new Date(now).toISOString(),
        endsAt: new Date(now + minutes * 60_000).toISOString(),
        createdBy: live.session?.identity || "page",
        comment,
      });
      close();
      location.hash = "#/changes";
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Silence" close={close}>
      <form onSubmit={(event) => void submit(event)}>
        <fieldset>
          <legend>Alerts with all of</legend>
          {Object.entries(labels).map(([name, value]) => (
            <label class="check" key={name}>
              <input type="checkbox" checked={name in chosen} onChange={() => toggle(name)} />
              <LabelList labels={{ [name === "alertname" ? "signal" : name]: value }} />
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>For</legend>
          <div class="chips">
            {lengths.map(([title, length]) => (
              <button type="button" class="chip" key={title} aria-pressed={minutes === length} onClick={() => setMinutes(length)}>
                {title}
              </button>
            ))}
          </div>
        </fieldset>
        <label>
          Why
          <input required maxLength={500} value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
        </label>
        <Effect labels={chosen} />
        {error && <p class="form-error" role="alert">{error}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>Cancel</button>
          <button type="submit" class="button primary" disabled={busy || Object.keys(chosen).length === 0}>Silence</button>
        </div>
      </form>
    </Dialog>
  );
}
