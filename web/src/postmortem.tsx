// The draft of a postmortem, as a file: made by the engine from what is recorded.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { text } from "./api";

const formats: [string, string, string][] = [
  ["md", "Markdown", "text/markdown"],
  ["html", "HTML", "text/html"],
  ["json", "JSON", "application/json"],
];

// Fetched with the tab's credentials, which a plain link would not carry.
async function save(id: string, format: string, type: string): Promise<void> {
  const body = await text(`/api/v1/incidents/${encodeURIComponent(id)}/export?format=${format}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([body], { type }));
  link.download = `incident-${id}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function PostmortemDraft({ id }: { id: string }): JSX.Element {
  const [failed, setFailed] = useState("");
  return (
    <div class="chips" role="group" aria-label="Postmortem draft">
      <span class="note">Postmortem draft</span>
      {formats.map(([format, title, type]) => (
        <button type="button" class="chip" key={format} onClick={() => {
          save(id, format, type).then(() => setFailed(""), (problem: unknown) => setFailed(String(problem)));
        }}>{title}</button>
      ))}
      {failed && <span class="form-error" role="alert">{failed}</span>}
    </div>
  );
}
