// Replay's reports: how well the past would have paged.
import type { JSX } from "preact";
import { count, span } from "./format";
import { useResource } from "./hooks";
import type { Report, ReportList, Scores } from "./types";
import { Empty, Failure, Loading, Section, Time } from "./ui";

const rowsMax = 200;

const percent = (share: number | undefined): string => (share === undefined ? "–" : `${Math.round(share * 1000) / 10} %`);
const number = (value: number | null | undefined, places = 1): string =>
  value === undefined || value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: places });
const seconds = (value: number | null | undefined): string =>
  value === undefined || value === null ? "–" : span(value * 1000);

export function ReportsView(): JSX.Element {
  const found = useResource<ReportList>("/api/v1/reports");
  const rows = found.data?.reports ?? [];
  return (
    <>
      <div class="lead"><h1>Replay reports</h1><p>How well the past would have paged, written by quell replay.</p></div>
      {found.error && <Failure error={found.error} again={found.reload} />}
      {!found.data && !found.error && <Loading what="reports" lines={3} />}
      {found.data && rows.length === 0 && (
        <Empty title="No reports">They appear when server.reports names a folder and quell replay writes into it.</Empty>
      )}
      {rows.length > 0 && (
        <ul class="rows" aria-label="Reports">
          {rows.map((one) => (
            <li key={one.name}>
              <a data-row class="row row-over" href={`#/reports/${encodeURIComponent(one.name)}`}>
                <span class="row-head"><span class="row-when"><Time at={one.written_at} /></span></span>
                <span class="row-title">{one.name}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {found.data && found.data.left_out > 0 && <p class="note">{count(found.data.left_out, "older report")} not listed.</p>}
    </>
  );
}

function Facts({ scores }: { scores: Scores }): JSX.Element {
  const facts: [string, string, string][] = [
    ["Caught", `${number(scores.caught)} of ${number(scores.incidents)}`, `recall ${percent(scores.recall)}`],
    ["Pages", number(scores.pages), `precision ${percent(scores.precision)}`],
    ["False pages a week", number(scores.false_pages_per_week, 2), `${number(scores.false_pages)} in all`],
    ["Until the page", seconds(scores.detect_median_seconds), `nine of ten within ${seconds(scores.detect_p90_seconds)}`],
  ];
  return (
    <dl class="facts" aria-label="Scores">
      {facts.map(([name, text, note]) => (
        <div class="fact" key={name}><dt>{name}</dt><dd class="fact-text">{text}</dd><dd class="fact-note">{note}</dd></div>
      ))}
    </dl>
  );
}

function Kinds({ kinds }: { kinds: [string, Scores][] }): JSX.Element {
  return (
    <table class="table">
      <caption class="visually-hidden">Scores by kind of incident</caption>
      <thead>
        <tr><th scope="col">Kind</th><th scope="col" class="number">Incidents</th><th scope="col" class="number">Caught</th>
          <th scope="col" class="number">Pages</th><th scope="col" class="number">Until the page</th></tr>
      </thead>
      <tbody>
        {kinds.map(([name, it]) => (
          <tr key={name}>
            <th scope="row">{name || "none"}</th>
            <td class="number" data-label="Incidents">{number(it.incidents)}</td>
            <td class="number" data-label="Caught">{number(it.caught)}</td>
            <td class="number" data-label="Pages">{number(it.pages)}</td>
            <td class="number" data-label="Until the page">{seconds(it.detect_median_seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function ReportView({ name }: { name: string }): JSX.Element {
  const found = useResource<Report>(`/api/v1/reports/${encodeURIComponent(name)}`);
  const it = found.data;
  if (!it) return found.error ? <Failure error={found.error} again={found.reload} /> : <Loading what="the report" lines={6} />;
  const incidents = it.incidents ?? [];
  const missed = incidents.filter((one) => !one.caught).slice(0, rowsMax);
  const kinds = Object.entries(it.by_kind ?? {}).slice(0, rowsMax);
  return (
    <>
      <p class="crumb"><a href="#/reports">Replay reports</a> / {name}</p>
      <div class="lead"><h1>{name}</h1></div>
      {it.scores && <Facts scores={it.scores} />}
      {kinds.length > 0 && <Section title="By kind"><Kinds kinds={kinds} /></Section>}
      <Section title="Missed" note="incidents that nothing would have paged for">
        {missed.length === 0 ? <Empty title="None" /> : (
          <ul class="rows" aria-label="Missed incidents">
            {missed.map((one) => (
              <li class="row row-over" key={one.id}>
                <span class="row-title">{one.id}{one.kind && `: ${one.kind}`}</span>
                <span class="row-text"><Time at={one.start} /> to <Time at={one.end} /></span>
              </li>
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}
