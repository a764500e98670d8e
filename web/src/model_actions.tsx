// What people do with a version; what it would change is shown before it is done.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { may, useLive } from "./live";
import { Changes, Gates } from "./model_parts";
import type { ModelDetails } from "./types";
import { Dialog } from "./ui";

interface Act {
  name: string; // of the API
  title: string;
  role: string;
  states: string[];
  effect: string;
}

const acts: Act[] = [
  { name: "approve", title: "Approve", role: "admin", states: ["candidate", "shadow", "canary"],
    effect: "Your name stands for it from now on. It decides nothing yet." },
  { name: "shadow", title: "Try in shadow", role: "operate", states: ["candidate"],
    effect: "It runs beside what decides, on live traffic, and pages nobody. What differs is listed here." },
  { name: "promote", title: "Promote", role: "admin", states: ["candidate", "shadow", "canary"],
    effect: "It decides from the next record on. What was learned and what is open stays; these settings change:" },
  { name: "rollback", title: "Roll back", role: "operate", states: ["active"],
    effect: "The version before decides again, at once. This one is retired." },
  { name: "retire", title: "Retire", role: "operate", states: ["candidate", "shadow", "canary"],
    effect: "It is over: it can be registered anew, but not promoted." },
];

function ActDialog({ act, model, close, done }: { act: Act; model: ModelDetails; close: () => void; done: () => void }): JSX.Element {
  const [reason, setReason] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      if (act.name === "rollback") await change("POST", "/api/v1/models/rollback", { model: model.id, reason });
      else await change("POST", `/api/v1/models/${model.id}/${act.name}`, { reason }, `"${model.revision}"`);
      done();
      close();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      setBusy(false);
    }
  };
  return (
    <Dialog title={act.title} close={close}>
      <form onSubmit={(event) => void submit(event)}>
        <p>{act.effect}</p>
        {act.name === "promote" && <div class="effect"><Changes model={model} /><Gates model={model} /></div>}
        <label>
          Why
          <input maxLength={1000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        {error && <p class="form-error" role="alert">{error}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>Cancel</button>
          <button type="submit" class="button primary" disabled={busy}>{act.title}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function ModelActions({ model, done }: { model: ModelDetails; done: () => void }): JSX.Element | null {
  const live = useLive();
  const [chosen, setChosen] = useState<Act>();
  const offered = acts.filter((act) => act.states.includes(model.state) && may(live, act.role));
  if (offered.length === 0) return null;
  return (
    <div class="chips" role="group" aria-label="Actions">
      {offered.map((act) => (
        <button type="button" class="button" key={act.name} onClick={() => setChosen(act)}>{act.title}…</button>
      ))}
      {chosen && <ActDialog act={chosen} model={model} close={() => setChosen(undefined)} done={done} />}
    </div>
  );
}
