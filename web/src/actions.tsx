// What a person may do to an incident, and what each does, told before it is done.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { count, labelText, splitSummary } from "./format";
import { useResource } from "./hooks";
import { NormalDialog } from "./normal";
import { SilenceDialog } from "./silence";
import type { Incident, IncidentBrief, Labels } from "./types";
import { Dialog } from "./ui";

interface Choice {
  act: string; // of the route
  title: string;
  effect: (incident: Incident) => string;
  body: (reason: string, into: string) => Record<string, string>;
  reason?: string; // the label of the field; "" or absent: none
  needed?: boolean;
  into?: boolean;
  whenOver?: boolean;
}

const acknowledge: Choice = {
  act: "acknowledge", title: "Acknowledge",
  effect: () => "Everybody sees that you have it. Pages go on as ever: what gets worse still tells somebody.",
  body: () => ({}),
};
const unacknowledge: Choice = {
  act: "unacknowledge", title: "Give it back",
  effect: () => "Nobody has it any more, and everybody sees that.",
  body: () => ({}),
};
const choices: Choice[] = [
  {
    act: "resolve", title: "Resolve", reason: "Note (optional)",
    effect: (it) => {
      const odd = it.members.filter((member) => member.endsAt === null).length;
      return "Its pages resolve at once, everywhere. " + (odd > 0
        ? `${count(odd, "signal")} still odd: the incident stays open until they are back, and pages nobody unless it gets worse.`
        : "All its signals are back.");
    },
    body: (text) => (text ? { text } : {}),
  },
  {
    act: "merge", title: "Merge…", into: true, reason: "Why (optional)",
    effect: () => "Its pages resolve, and the other incident takes its signals. That they were one trouble is remembered.",
    body: (reason, into) => ({ into, ...(reason ? { reason } : {}) }),
  },
  {
    act: "feedback", title: "Not an incident…", reason: "Why (optional)", whenOver: true,
    effect: (it) => `It is kept that nothing was wrong with ${labelText(it.scope) || "these signals"}: what is known to be noise is learned from it. It closes nothing.`,
    body: (reason) => ({ verdict: "not_an_incident", ...(reason ? { reason } : {}) }),
  },
  {
    act: "feedback", title: "Expected…", reason: "What was known", whenOver: true,
    effect: () => "It is kept that something was, and that it was known of. It closes nothing; a silence holds back what is still to come.",
    body: (reason) => ({ verdict: "expected", ...(reason ? { reason } : {}) }),
  },
  {
    act: "notes", title: "Note…", reason: "Note", needed: true, whenOver: true,
    effect: () => "Everybody who opens this incident sees it, in the timeline.",
    body: (text) => ({ text }),
  },
];

function Others({ incident, into, choose }: {
  incident: Incident;
  into: string;
  choose: (key: string) => void;
}): JSX.Element {
  const list = useResource<{ incidents: IncidentBrief[] }>("/api/v1/incidents?brief=true&limit=1000");
  const others = (list.data?.incidents ?? []).filter((one) => one.key !== incident.key && (one.state === "open" || one.state === "held"));
  if (list.data && others.length === 0) return <p class="form-error">No other incident is open.</p>;
  return (
    <label>
      Into
      <select required value={into} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">Choose an open incident</option>
        {others.map((one) => (
          <option key={one.key} value={one.key}>{one.id}: {splitSummary(one.summary).where}</option>
        ))}
      </select>
    </label>
  );
}

function ActionDialog({ incident, choice, close, done }: {
  incident: Incident;
  choice: Choice;
  close: () => void;
  done: () => void;
}): JSX.Element {
  const [reason, setReason] = useState("");
  const [into, setInto] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError("");
    try {
      await change("POST", `/api/v1/incidents/${incident.key}/${choice.act}`, choice.body(reason.trim(), into));
      close();
      done();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      setBusy(false);
    }
  };
  const title = choice.title.replace("…", "");
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={(event) => void submit(event)}>
        <p class="effect">{choice.effect(incident)}</p>
        {choice.into && <Others incident={incident} into={into} choose={setInto} />}
        {choice.reason && (
          <label>
            {choice.reason}
            <input maxLength={500} required={choice.needed ?? false} value={reason}
              onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        )}
        {error && <p class="form-error" role="alert">{error}</p>}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={close}>Cancel</button>
          <button type="submit" class="button primary" disabled={busy || (choice.into === true && into === "")}>{title}</button>
        </div>
      </form>
    </Dialog>
  );
}

// The narrowest that covers it: its scope, else what all its signals share.
function silenceLabels(incident: Incident): Labels {
  if (Object.keys(incident.scope).length > 0) return incident.scope;
  const [first, ...rest] = incident.members;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.entries(first.labels).filter(([name, value]) => rest.every((member) => member.labels[name] === value)),
  );
}

export function Actions({ incident, done }: { incident: Incident; done: () => void }): JSX.Element {
  const [chosen, setChosen] = useState<Choice>();
  const [silencing, setSilencing] = useState(false);
  const [normal, setNormal] = useState(false);
  const open = incident.state === "open" || incident.state === "held";
  const first = incident.people?.acknowledged ? unacknowledge : acknowledge;
  const offered = [...(open ? [first] : []), ...choices.filter((choice) => open || choice.whenOver)];
  return (
    <>
      <div class="actions" role="group" aria-label="Actions">
        {offered.map((choice) => (
          <button type="button" key={choice.title} class={`button ${choice === acknowledge ? "primary" : ""}`}
            onClick={() => setChosen(choice)}>
            {choice.title}
          </button>
        ))}
        {open && <button type="button" class="button" onClick={() => setNormal(true)}>New normal…</button>}
        <button type="button" class="button" onClick={() => setSilencing(true)}>Silence…</button>
      </div>
      {chosen && <ActionDialog incident={incident} choice={chosen} close={() => setChosen(undefined)} done={done} />}
      {normal && <NormalDialog id={incident.key} close={() => setNormal(false)} done={done} />}
      {silencing && <SilenceDialog labels={silenceLabels(incident)} close={() => setSilencing(false)} />}
    </>
  );
}
