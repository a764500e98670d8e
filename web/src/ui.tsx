// The small parts that every view is made of.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ApiError } from "./api";
import { localTime, personOf, utcTime, words } from "./format";
import type { Labels, People } from "./types";

export function Time({ at, seconds }: { at: string | number; seconds?: boolean }): JSX.Element {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={utcTime(date)}>
      {localTime(date, seconds)}
    </time>
  );
}

// Severity and state are told by word and shape as well as by colour.
export function Severity({ level }: { level: string }): JSX.Element {
  return <span class={`severity severity-${level}`}>{words(level)}</span>;
}

export function Tag({ kind, children }: { kind?: string; children: ComponentChildren }): JSX.Element {
  return <span class={`tag ${kind ? "tag-" + kind : ""}`}>{children}</span>;
}

export function Acknowledged({ people }: { people: People | undefined }): JSX.Element | null {
  const who = people?.acknowledged;
  if (!who) return null;
  return <Tag kind="live">Acknowledged by {personOf(who.by)}</Tag>;
}

export function LabelList({ labels }: { labels: Labels }): JSX.Element | null {
  const shown = Object.entries(labels).filter(([name]) => name !== "alertname");
  if (shown.length === 0) return null;
  return (
    <span class="labels">
      {shown.map(([name, value]) => (
        <span class="label" key={name} title={`${name}="${value}"`}>
          <span class="label-name">{name}</span> {value}
        </span>
      ))}
    </span>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

export function Failure({ error, again }: { error: ApiError; again: () => void }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <p>{error.message}</p>
      <button type="button" class="button" onClick={again}>Try again</button>
    </div>
  );
}

export function Loading({ what, lines = 3 }: { what: string; lines?: number }): JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading {what}</span>
      {Array.from({ length: lines }, (_, i) => <div class="skeleton" key={i} />)}
    </div>
  );
}

interface SectionProps {
  title: string;
  note?: ComponentChildren;
  children: ComponentChildren;
}

export function Section({ title, note, children }: SectionProps): JSX.Element {
  const id = "s-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return (
    <section aria-labelledby={id} class="section">
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {note && <span class="note">{note}</span>}
      </div>
      {children}
    </section>
  );
}

interface DialogProps {
  title: string;
  close: () => void;
  children: ComponentChildren;
}

// The browser's own: it keeps the focus inside, Escape closes it, focus goes back afterwards.
export function Dialog({ title, close, children }: DialogProps): JSX.Element {
  const at = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = at.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={at} class="dialog" aria-label={title} onCancel={(event) => { event.preventDefault(); close(); }}>
      <div class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="button quiet" onClick={close} aria-label="Close">✕</button>
      </div>
      {children}
    </dialog>
  );
}
