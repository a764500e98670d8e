// What happened, in order: signals, announced changes, pages, the end.
import type { ComponentChildren, JSX } from "preact";
import { labelText, personOf, words } from "./format";
import type { Deed, Incident, Page } from "./types";
import { Time } from "./ui";

interface Moment {
  at: string;
  kind: string;
  text: ComponentChildren;
  note?: string;
}

const pageWords: Record<string, string> = {
  delivered: "delivered", pending: "on the way", dead: "could not be delivered", obsolete: "not needed any more",
};

function pageMoment(page: Page): Moment {
  const what: Record<string, string> = { trigger: "Page", update: "Update", resolve: "Resolve" };
  const moment: Moment = {
    at: page.at, kind: page.state === "dead" ? "bad" : "page",
    text: `${what[page.action] ?? words(page.action)}${page.page > 1 ? ` ${page.page}` : ""} to ${page.receiver}: ${pageWords[page.state] ?? page.state}`,
  };
  if (page.last_error) moment.note = page.last_error;
  return moment;
}

function momentsOf(incident: Incident, pages: Page[]): Moment[] {
  const moments: Moment[] = incident.members.map((member) => ({
    at: member.onset, kind: "signal",
    text: `${member.what} ${member.direction === "down" ? "falls" : "rises"}`,
    note: labelText(member.labels),
  }));
  for (const change of incident.changes) {
    moments.push({ at: change.start, kind: "change", text: `${words(change.kind)}: ${change.note || change.id}`, note: labelText(change.scope) });
  }
  const people = incident.people;
  const deeds: [Deed | null | undefined, string][] = [[people?.acknowledged, "Acknowledged"], [people?.resolved, "Resolved"]];
  for (const [deed, what] of deeds) {
    if (deed) moments.push({ at: deed.at, kind: "person", text: `${what} by ${personOf(deed.by)}` });
  }
  for (const note of people?.notes ?? []) {
    moments.push({ at: note.at, kind: "person", text: note.text, note: personOf(note.by) });
  }
  moments.push({ at: incident.opened_at, kind: "open", text: "Certain enough to open" });
  moments.push(...pages.map(pageMoment));
  if (pages.length === 0 && incident.paged_at) moments.push({ at: incident.paged_at, kind: "page", text: "Paged" });
  if (incident.resolved_at) moments.push({ at: incident.resolved_at, kind: "over", text: "Over" });
  return moments.sort((a, b) => a.at.localeCompare(b.at));
}

export function Timeline({ incident, pages }: { incident: Incident; pages: Page[] }): JSX.Element {
  return (
    <ol class="timeline">
      {momentsOf(incident, pages).map((moment, i) => (
        <li key={i} class={`moment moment-${moment.kind}`}>
          <span class="moment-time"><Time at={moment.at} seconds /></span>
          <span class="moment-text">
            {moment.text}
            {moment.note && <span class="note"> {moment.note}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
