// One signal of an incident: what it showed, against what was expected, with its plot once in sight.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { amount, odds, reasonWords } from "./format";
import { useResource } from "./hooks";
import { useLive } from "./live";
import { Plot } from "./plot";
import type { Change, Member, Points } from "./types";
import { LabelList, Loading, Severity, Tag, Time } from "./ui";

function useSeen(): [preact.RefObject<HTMLDivElement>, boolean] {
  const at = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = at.current;
    if (element === null || seen) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: "300px" },
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, [seen]);
  return [at, seen];
}

export function SignalPlot({ id, name, unit, marks }: {
  id: string;
  name: string;
  unit: string;
  marks?: number[];
}): JSX.Element {
  const live = useLive();
  const [at, seen] = useSeen();
  const points = useResource<Points>(seen ? `/api/v1/signals/${id}/points` : "", live.status?.steps ?? 0);
  return (
    <div ref={at} class="plot-place">
      {points.data && <Plot points={points.data} name={name} unit={unit} marks={marks ?? []} />}
      {!points.data && !points.error && <Loading what="the plot" lines={1} />}
      {!points.data && points.error && <p class="note plot-none">No points of this signal are kept.</p>}
    </div>
  );
}

export function MemberCard({ member, first, changes }: {
  member: Member;
  first: boolean;
  changes: Change[];
}): JSX.Element {
  const { evidence } = member;
  const marks = [member.onset, ...changes.map((change) => change.start)].map((at) => Date.parse(at) / 1000);
  return (
    <article class="card member" aria-label={member.what}>
      <div class="row-head">
        <Severity level={member.severity} />
        {first && <Tag kind="accent">Started first</Tag>}
        {member.endsAt ? <Tag>Over</Tag> : <Tag>Goes on</Tag>}
        <span class="row-when">
          since <Time at={member.onset} />
          {member.endsAt && <> until <Time at={member.endsAt} /></>}
        </span>
      </div>
      <h3><a href={`#/signals/${member.fingerprint}`}>{member.what}</a></h3>
      <LabelList labels={member.labels} />
      {member.received ? (
        <p>Sent by {member.received.from}. {member.received.summary}</p>
      ) : (
        <p class="evidence">
          <b>{amount(evidence.value, member.unit)}</b> seen, {amount(evidence.expected, member.unit)} expected
          (band {amount(evidence.band[0], member.unit)} to {amount(evidence.band[1], member.unit)}).
          {evidence.n > 0 && <> {evidence.k.toLocaleString("en")} of {evidence.n.toLocaleString("en")} requests.</>}{" "}
          By chance: {odds(evidence.tail_probability)}.
        </p>
      )}
      {!member.received && <SignalPlot id={member.fingerprint} name={member.what} unit={member.unit} marks={marks} />}
      {member.explanation && (
        <details>
          <summary>Why it is odd, in words</summary>
          <ul class="words">{member.explanation.words.map((word) => <li key={word}>{word}</li>)}</ul>
        </details>
      )}
      <p class="note">
        {reasonWords(member.reason)}
        {member.why_joined && <>: {member.why_joined}</>}.
      </p>
    </article>
  );
}
