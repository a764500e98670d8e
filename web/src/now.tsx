// Now: what is open, what was held back and why, and whether data comes in.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { count, reasonWords, severityRank, span, splitSummary } from "./format";
import { useNow, useResource } from "./hooks";
import { type Live, useLive } from "./live";
import type { Change, IncidentBrief, Silence, Status } from "./types";
import { Acknowledged, Empty, Failure, Loading, Section, Severity, Tag, Time } from "./ui";

const pageRows = 25;

function byUrgency(a: IncidentBrief, b: IncidentBrief): number {
  return severityRank(a.severity) - severityRank(b.severity) || a.onset.localeCompare(b.onset);
}

export function IncidentRow({ incident, now }: { incident: IncidentBrief; now: number }): JSX.Element {
  const { where, what } = splitSummary(incident.summary);
  const open = incident.state === "open" || incident.state === "held";
  const end = incident.resolved_at ? Date.parse(incident.resolved_at) : now;
  return (
    <a data-row class={`row row-${open ? incident.severity : "over"}`} href={`#/incidents/${incident.key}`}>
      <span class="row-head">
        <Severity level={incident.severity} />
        {incident.state === "held" && <Tag>Waiting before it pages</Tag>}
        {incident.state === "suppressed" && <Tag kind="held-back">{reasonWords(incident.first_reason ?? "too_short")}</Tag>}
        {incident.state === "merged" && <Tag>Merged</Tag>}
        {open && <Acknowledged people={incident.people} />}
        <span class="row-when">
          {open ? "since " : ""}
          <Time at={incident.onset} />
          {" · "}
          {span(end - Date.parse(incident.onset))}
        </span>
      </span>
      <span class="row-title">{where}</span>
      {what && <span class="row-text">{what}</span>}
      {incident.member_count !== undefined && incident.member_count > 1 && (
        <span class="row-foot">{count(incident.member_count, "alert")} in one page</span>
      )}
    </a>
  );
}

function Rows({ incidents, now, name }: { incidents: IncidentBrief[]; now: number; name: string }): JSX.Element {
  const [shown, setShown] = useState(pageRows);
  return (
    <>
      <ul class="rows" aria-label={name}>
        {incidents.slice(0, shown).map((incident) => (
          <li key={incident.key}><IncidentRow incident={incident} now={now} /></li>
        ))}
      </ul>
      {incidents.length > shown && (
        <button type="button" class="button" onClick={() => setShown(shown + 4 * pageRows)}>
          Show more of {incidents.length.toLocaleString("en")}
        </button>
      )}
    </>
  );
}

interface Fact {
  name: string;
  text: string;
  note: string;
  bad?: boolean;
}

function factsOf(status: Status, now: number): Fact[] {
  const age = now - Date.parse(status.event_time);
  const behind = status.journal_last - status.journal_sequence;
  const states = status.signal_states;
  const never = Date.parse(status.event_time) <= 0;
  const lost = (states["dead"] ?? 0) + (states["late"] ?? 0);
  const pages = status.outbox_pending + status.dead_letters;
  return [
    {
      name: "Data", bad: never || age > 120_000,
      text: never ? "none yet" : `${span(Math.max(0, age))} old`,
      note: never ? "Point remote write at this server" : `${count(status.series, "series", "series")} come in`,
    },
    {
      name: "Decisions", bad: status.last_error !== "" || behind > 1000,
      text: status.last_error ? "paused" : behind > 100 ? `${behind.toLocaleString("en")} records behind` : "up to date",
      note: status.last_error || `${count(status.open_alerts, "alert")} open`,
    },
    {
      name: "Signals", bad: lost > 0 && lost * 10 > status.signals,
      text: `${status.signals.toLocaleString("en")} watched`,
      note: lost > 0 ? `${lost.toLocaleString("en")} late or silent` : (status.signals === 0 ? "found as samples come in" : "all of them report"),
    },
    {
      name: "Pages", bad: status.dead_letters > 0,
      text: pages === 0 ? "all delivered" : `${status.outbox_pending} on the way`,
      note: status.dead_letters > 0 ? `${count(status.dead_letters, "page")} could not be delivered` : "no dead letters",
    },
  ];
}

function Health({ status, now }: { status: Status; now: number }): JSX.Element {
  return (
    <dl class="facts" aria-label="Health of what comes in and goes out">
      {factsOf(status, now).map((fact) => (
        <div key={fact.name} class={`fact ${fact.bad ? "bad" : ""}`}>
          <dt>{fact.name}</dt>
          <dd class="fact-text">{fact.text}</dd>
          <dd class="fact-note">{fact.note}</dd>
        </div>
      ))}
    </dl>
  );
}

// What keeps pages back at this moment, whether or not anything was to be paged.
function InForce({ now }: { now: number }): JSX.Element | null {
  const live = useLive();
  const steps = live.status?.steps ?? 0;
  const silences = useResource<Silence[]>("/api/v2/silences", steps);
  const changes = useResource<{ changes: Change[] }>("/api/v1/changes?limit=200", steps);
  const silenced = (silences.data ?? []).filter((it) => it.status.state === "active").length;
  const announced = (changes.data?.changes ?? []).filter((it) => Date.parse(it.start) <= now && now < Date.parse(it.end)).length;
  const parts = [
    ...(silenced > 0 ? [count(silenced, "silence")] : []),
    ...(announced > 0 ? [count(announced, "announced change")] : []),
  ];
  if (parts.length === 0) return null;
  return <p class="in-force"><a href="#/changes">{parts.join(" and ")}</a> in force: what they cover does not page.</p>;
}

function headline(open: IncidentBrief[], live: Live): { title: string; text: string } {
  const paging = open.filter((incident) => incident.state === "open");
  if (open.length === 0) {
    const watched = count(live.status?.signals ?? 0, "signal");
    return { title: "All quiet", text: `Nothing is open. ${watched} watched.` };
  }
  const critical = open.filter((incident) => incident.severity === "critical").length;
  const oldest = open.reduce((a, b) => (a.onset < b.onset ? a : b));
  return {
    title: count(paging.length || open.length, "open incident"),
    text: (critical > 0 ? `${critical} critical. ` : "") + `The oldest began ${span(Date.now() - Date.parse(oldest.onset))} ago.`,
  };
}

export function NowView(): JSX.Element {
  const live = useLive();
  const now = useNow(5000);
  const list = useResource<{ incidents: IncidentBrief[] }>("/api/v1/incidents?brief=true&limit=1000", live.status?.effects ?? 0);
  const all = list.data?.incidents ?? [];
  const open = all.filter((one) => one.state === "open" || one.state === "held").sort(byUrgency);
  const heldBack = all.filter((one) => one.state === "suppressed");
  const over = all.filter((one) => one.state === "resolved" || one.state === "merged");
  const { title, text } = headline(open, live);
  return (
    <>
      <div class="lead">
        <h1>{list.data ? title : "Now"}</h1>
        {list.data && <p>{text}</p>}
      </div>
      {live.status && <Health status={live.status} now={now} />}
      <InForce now={now} />
      {list.error && <Failure error={list.error} again={list.reload} />}
      {!list.data && !list.error && <Loading what="incidents" lines={4} />}
      {list.data && (
        <>
          <Section title="Open">
            {open.length > 0 ? <Rows incidents={open} now={now} name="Open incidents" /> : (
              <Empty title="Nothing is wrong">
                What would wake somebody appears here, with the reason for it.
              </Empty>
            )}
          </Section>
          {heldBack.length > 0 && (
            <Section title="Held back" note="seen, and on purpose not paged">
              <Rows incidents={heldBack} now={now} name="Held back incidents" />
            </Section>
          )}
          {over.length > 0 && (
            <Section title="Over" note="the latest first">
              <Rows incidents={over} now={now} name="Incidents that are over" />
            </Section>
          )}
        </>
      )}
    </>
  );
}
