// One incident: what it is, what may be done, how it came, and every signal in it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Actions } from "./actions";
import { count, span, splitSummary, words } from "./format";
import { useNow, useResource } from "./hooks";
import { may, useLive } from "./live";
import { MemberCard } from "./member";
import { PostmortemDraft } from "./postmortem";
import { Timeline } from "./timeline";
import type { Incident, Page } from "./types";
import { Acknowledged, Failure, LabelList, Loading, Section, Severity, Tag, Time } from "./ui";

const cardsAtFirst = 6;

function Head({ incident }: { incident: Incident }): JSX.Element {
  const now = useNow(5000);
  const { where, what } = splitSummary(incident.summary);
  const open = incident.state === "open" || incident.state === "held";
  const end = incident.resolved_at ? Date.parse(incident.resolved_at) : now;
  return (
    <div class="lead">
      <p class="row-head">
        <Severity level={incident.severity} />
        <Tag>{open ? "Open" : words(incident.state)}</Tag>
        <Acknowledged people={incident.people} />
        <span class="row-when">
          since <Time at={incident.onset} /> · {span(end - Date.parse(incident.onset))}
        </span>
      </p>
      <h1>{where}</h1>
      {what && <p class="lead-text">{what}</p>}
      <LabelList labels={incident.scope} />
    </div>
  );
}

function Facts({ incident }: { incident: Incident }): JSX.Element {
  const firing = incident.members.filter((member) => member.endsAt === null).length;
  return (
    <dl class="facts">
      <div class="fact"><dt>Began</dt><dd class="fact-text"><Time at={incident.onset} seconds /></dd><dd class="fact-note">the earliest signal</dd></div>
      <div class="fact">
        <dt>Paged</dt>
        <dd class="fact-text">{incident.paged_at ? <Time at={incident.paged_at} seconds /> : "not paged"}</dd>
        {incident.paged_at && <dd class="fact-note">{span(Date.parse(incident.paged_at) - Date.parse(incident.onset))} later</dd>}
      </div>
      <div class="fact"><dt>Signals</dt><dd class="fact-text">{incident.members.length}</dd><dd class="fact-note">{firing > 0 ? `${firing} still odd` : "all are back"}</dd></div>
      <div class="fact"><dt>Over</dt><dd class="fact-text">{incident.resolved_at ? <Time at={incident.resolved_at} seconds /> : "not yet"}</dd></div>
    </dl>
  );
}

function Members({ incident }: { incident: Incident }): JSX.Element {
  const [shown, setShown] = useState(cardsAtFirst);
  return (
    <>
      <div class="members">
        {incident.members.slice(0, shown).map((member) => (
          <MemberCard key={member.id} member={member} first={member.id === incident.first_alert} changes={incident.changes} />
        ))}
      </div>
      {incident.members.length > shown && (
        <button type="button" class="button" onClick={() => setShown(shown + 24)}>
          Show more of {count(incident.members.length, "signal")}
        </button>
      )}
    </>
  );
}

export function IncidentView({ id }: { id: string }): JSX.Element {
  const live = useLive();
  const revision = live.status?.effects ?? 0;
  const incident = useResource<Incident>(`/api/v1/incidents/${id}`, revision);
  const pages = useResource<{ pages: Page[] }>(`/api/v1/incidents/${id}/pages`, `${revision}/${live.status?.outbox_pending ?? 0}`);
  const it = incident.data;
  if (!it) {
    return incident.error ? <Failure error={incident.error} again={incident.reload} /> : <Loading what="the incident" lines={6} />;
  }
  return (
    <>
      <p class="crumb"><a href="#/now">Now</a> / incident {it.id}</p>
      <Head incident={it} />
      {may(live, "operate") && (
        <Actions incident={it} done={incident.reload} />
      )}
      <Facts incident={it} />
      <div class="columns">
        <Section title="Evidence">
          <ul class="words">{it.evidence.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
        </Section>
        <Section title="Timeline">
          <Timeline incident={it} pages={pages.data?.pages ?? []} />
        </Section>
      </div>
      <Section title="Signals" note={count(it.members.length, "signal")}>
        <Members incident={it} />
      </Section>
      <PostmortemDraft id={it.key} />
    </>
  );
}
