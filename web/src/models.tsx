// Versions of what decides: which one does, what speaks for the others, and what people do with them.
import type { JSX } from "preact";
import { count, personOf, words } from "./format";
import { useResource } from "./hooks";
import { useLive } from "./live";
import { ModelActions } from "./model_actions";
import { Changes, Gates } from "./model_parts";
import type { DifferenceCounts, ModelDetails, ModelDifferences, ModelList, ModelRow } from "./types";
import { Empty, Failure, Loading, Section, Tag, Time } from "./ui";

const brief = (id: string): string => id.slice(0, 12);

const stateKind: Record<string, string> = { active: "live", shadow: "accent", canary: "alarm" };

function score(model: ModelRow, name: string): string {
  const seen = model.quality?.[name];
  return typeof seen === "number" ? Number(seen.toPrecision(3)).toLocaleString("en") : "not measured";
}

function Row({ model }: { model: ModelRow }): JSX.Element {
  return (
    <tr>
      <td class="code"><a href={`#/models/${model.id}`} title={model.id}>{brief(model.id)}</a></td>
      <td><Tag kind={stateKind[model.state] ?? ""}>{words(model.state)}</Tag></td>
      <td><Time at={model.state_at} /></td>
      <td class="number" data-name="Recall">{score(model, "recall")}</td>
      <td class="number" data-name="False pages a week">{score(model, "false_pages_per_week")}</td>
      <td data-name="Author">{personOf(model.author)}</td>
      <td data-name="Approved by">{model.approvals.map((one) => personOf(one.by)).join(", ") || "nobody"}</td>
      <td>{model.note}</td>
    </tr>
  );
}

export function ModelsView(): JSX.Element {
  const live = useLive();
  const list = useResource<ModelList>("/api/v1/models", live.status?.effects ?? 0);
  const { data, error } = list;
  return (
    <>
      <div class="lead">
        <h1>Models</h1>
        {data && <p class="lead-text">
          In force: <code class="code">{brief(data.in_force)}</code>
          {data.active === null ? ", the configuration's own settings." : "."}
          {data.require_approval && " A version needs the approval of somebody other than its author."}
        </p>}
      </div>
      {error && !data && <Failure error={error} again={list.reload} />}
      {!data && !error && <Loading what="the versions" lines={5} />}
      {data && data.models.length === 0 && (
        <Empty title="No versions are registered">quell model register makes one of a configuration file.</Empty>
      )}
      {data && data.models.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-label="Versions">
          <table class="table">
            <caption class="visually-hidden">Registered versions, the newest first</caption>
            <thead>
              <tr>
                <th scope="col">Version</th><th scope="col">State</th><th scope="col">Since</th>
                <th scope="col" class="number">Recall</th><th scope="col" class="number">False/week</th>
                <th scope="col">Author</th><th scope="col">Approved by</th><th scope="col">Note</th>
              </tr>
            </thead>
            <tbody>{data.models.map((model) => <Row key={model.id} model={model} />)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Counts({ what, counts }: { what: string; counts: DifferenceCounts }): JSX.Element {
  return (
    <p>
      <b>{words(what)}</b>: {counts.both} of both, {counts.only_active} only of what decides, {counts.only_candidate} only
      of this version.
    </p>
  );
}

function Differences({ id, revision }: { id: string; revision: number }): JSX.Element | null {
  const { data } = useResource<ModelDifferences>(`/api/v1/models/${id}/differences`, revision);
  if (!data) return null;
  return (
    <Section title="In shadow" note={data.since && <>since <Time at={data.since} /></>}>
      <Counts what="pages" counts={data.pages} />
      <Counts what="alerts" counts={data.alerts} />
      {data.waiting > 0 && <p class="note">{count(data.waiting, "page")} or alerts of the last quarter of an hour may still find their like.</p>}
      <ul class="words">
        {data.differences.map((one) => (
          <li key={one.what + one.only + one.id}>
            <Time at={one.at} /> {one.what === "page" ? "paged" : "alerted"} only {one.only === "active" ? "by what decides" : "by this version"}: {one.text}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Facts({ model }: { model: ModelDetails }): JSX.Element {
  const { training } = model;
  const facts: [string, JSX.Element | string][] = [
    ["Author", <>{personOf(model.author)}, <Time at={model.registered_at} /></>],
    ["State since", <><Time at={model.state_at} />, by {personOf(model.state_by)}</>],
    ["Recall", score(model, "recall")],
    ["False pages a week", score(model, "false_pages_per_week")],
    ["Incidents", score(model, "incidents")],
    ["Measured on", training.from && training.to ? <><Time at={training.from} /> to <Time at={training.to} /></> : "nobody said"],
    ["Data", training.digest ? brief(training.digest) : "no digest"],
    ["Program", model.same_program ? model.program : `${model.program}, which is not what runs`],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

export function ModelView({ id }: { id: string }): JSX.Element {
  const live = useLive();
  const revision = live.status?.effects ?? 0;
  const { data, error, reload } = useResource<ModelDetails>(`/api/v1/models/${id}`, revision);
  if (error && !data) return <Failure error={error} again={reload} />;
  if (!data) return <Loading what="the version" lines={5} />;
  return (
    <>
      <div class="lead">
        <h1>Version {brief(data.id)} <Tag kind={stateKind[data.state] ?? ""}>{words(data.state)}</Tag></h1>
        {data.note && <p class="lead-text">{data.note}</p>}
      </div>
      <ModelActions model={data} done={reload} />
      <Facts model={data} />
      <Section title="Gates"><Gates model={data} /></Section>
      <Section title="Against what decides now"><Changes model={data} /></Section>
      <Section title="Approvals">
        <ul class="words">
          {data.approvals.map((one) => <li key={one.by}>{personOf(one.by)}, <Time at={one.at} />{one.reason && `: ${one.reason}`}</li>)}
          {data.approvals.length === 0 && <li>Nobody has approved it.</li>}
        </ul>
      </Section>
      {data.state !== "candidate" && <Differences id={id} revision={revision} />}
    </>
  );
}
