// Changes and silences: what was announced, what is held back, what became normal; and taking it back.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { change } from "./api";
import { amount, labelText, words } from "./format";
import { type Resource, useResource } from "./hooks";
import { may, useLive } from "./live";
import type { Adoption, Change, Silence } from "./types";
import { Dialog, Empty, Failure, LabelList, Loading, Section, Tag, Time } from "./ui";

interface Asked {
  title: string;
  effect: string;
  act: string;
  run: () => Promise<unknown>;
}

function Confirm({ asked, close }: { asked: Asked; close: () => void }): JSX.Element {
  const [error, setError] = useState("");
  const run = async (): Promise<void> => {
    try {
      await asked.run();
      close();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <Dialog title={asked.title} close={close}>
      <p>{asked.effect}</p>
      {error && <p class="form-error" role="alert">{error}</p>}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>Cancel</button>
        <button type="button" class="button primary" onClick={() => void run()}>{asked.act}</button>
      </div>
    </Dialog>
  );
}

const matcherText = (silence: Silence): string =>
  silence.matchers
    .map((m) => `${m.name}${m.isEqual === false ? "!" : m.isRegex ? "" : "="}${m.isRegex ? "~" : m.isEqual === false ? "=" : ""}${m.value}`)
    .join(", ");

function SilenceRow({ silence, end }: { silence: Silence; end: (() => void) | undefined }): JSX.Element {
  const over = silence.status.state === "expired";
  return (
    <li class={`row ${over ? "row-over" : "row-info"}`}>
      <span class="row-head">
        <Tag kind={over ? "" : "live"}>{words(silence.status.state)}</Tag>
        <span class="row-when"><Time at={silence.startsAt} /> to <Time at={silence.endsAt} /></span>
      </span>
      <span class="row-title">{matcherText(silence)}</span>
      <span class="row-text">{silence.comment || "no reason given"} · by {silence.createdBy}</span>
      {end && !over && <button type="button" class="button" onClick={end}>End it now…</button>}
    </li>
  );
}

function ChangeRow({ it }: { it: Change }): JSX.Element {
  return (
    <li class="row row-over">
      <span class="row-head">
        <Tag>{words(it.kind)}</Tag>
        <span class="row-when"><Time at={it.start} />{it.end !== it.start && <> to <Time at={it.end} /></>}</span>
      </span>
      <span class="row-title">{it.note || it.id}</span>
      <LabelList labels={it.scope} />
    </li>
  );
}

function adoptionText(it: Adoption): string {
  const what = it.shifted === "level" || it.shifted === "new_normal" || !it.shifted ? it.what : `${it.what} (${words(it.shifted).toLowerCase()})`;
  return `${what}: ${amount(it.from, it.unit)} became ${amount(it.to, it.unit)}`;
}

function AdoptionRow({ it, undo }: { it: Adoption; undo: (() => void) | undefined }): JSX.Element {
  return (
    <li class="row row-over">
      <span class="row-head">
        <Tag kind={it.undone_at ? "" : "live"}>{it.undone_at ? "Taken back" : "In force"}</Tag>
        {it.shifted === "new_normal" && <Tag>Somebody said so</Tag>}
        <span class="row-when">since <Time at={it.since} /></span>
      </span>
      <span class="row-title">{adoptionText(it)}</span>
      <LabelList labels={it.labels} />
      {undo && !it.undone_at && <button type="button" class="button" onClick={undo}>Take it back…</button>}
    </li>
  );
}

interface ListProps<T> {
  found: Resource<unknown>;
  rows: T[] | undefined;
  what: string;
  none: string;
  row: (it: T) => JSX.Element;
}

function List<T>({ found, rows, what, none, row }: ListProps<T>): JSX.Element {
  if (found.error && !rows) return <Failure error={found.error} again={found.reload} />;
  if (!rows) return <Loading what={what} lines={2} />;
  if (rows.length === 0) return <Empty title={none} />;
  return <ul class="rows" aria-label={words(what)}>{rows.map(row)}</ul>;
}

export function ChangesView(): JSX.Element {
  const live = useLive();
  const revision = live.status?.journal_sequence ?? 0;
  const silences = useResource<Silence[]>("/api/v2/silences", revision);
  const changes = useResource<{ changes: Change[] }>("/api/v1/changes?limit=200", revision);
  const adoptions = useResource<{ adoptions: Adoption[] }>("/api/v1/adoptions?limit=200", revision);
  const [asked, setAsked] = useState<Asked>();
  const operate = may(live, "operate");
  const end = (silence: Silence) => (): void => setAsked({
    title: "End this silence", act: "End it",
    effect: `Alerts with ${matcherText(silence)} may page again from now on.`,
    run: async () => {
      await change("DELETE", `/api/v2/silence/${silence.id}`);
      silences.reload();
    },
  });
  const undo = (it: Adoption) => (): void => setAsked({
    title: "Take back what became normal", act: "Take it back",
    effect: `${it.what} of ${labelText(it.labels)} will be expected around ${amount(it.from, it.unit)} again, not ${amount(it.to, it.unit)}. If it stays as it is now, it alerts.`,
    run: async () => {
      await change("POST", `/api/v1/adoptions/${it.adoption}/undo`);
      adoptions.reload();
    },
  });
  return (
    <>
      <div class="lead"><h1>Changes &amp; silences</h1></div>
      <Section title="Silences" note="made from an incident or a signal">
        <List found={silences} rows={silences.data} what="silences" none="Nothing is silenced"
          row={(it) => <SilenceRow key={it.id} silence={it} end={operate ? end(it) : undefined} />} />
      </Section>
      <Section title="Announced changes">
        <List found={changes} rows={changes.data?.changes} what="changes" none="Nothing was announced lately"
          row={(it) => <ChangeRow key={it.id} it={it} />} />
      </Section>
      <Section title="Became normal" note="lasting shifts that are expected now">
        <List found={adoptions} rows={adoptions.data?.adoptions} what="adoptions" none="No lasting shift became normal"
          row={(it) => <AdoptionRow key={it.adoption} it={it} undo={operate ? undo(it) : undefined} />} />
      </Section>
      {asked && <Confirm asked={asked} close={() => setAsked(undefined)} />}
    </>
  );
}
