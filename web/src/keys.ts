// Keys of the whole page. Entries are links with data-row: the focus is the selection.
import { useEffect } from "preact/hooks";

interface Calls {
  help: () => void;
  theme: () => void;
}

const isText = (at: EventTarget | null): boolean =>
  at instanceof HTMLElement && at.matches("input, textarea, select, [contenteditable]");

function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  if (rows.length === 0) return;
  const now = document.activeElement;
  const at = now instanceof HTMLElement ? rows.indexOf(now) : -1;
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function back(): void {
  const [place, id] = location.hash.replace(/^#\/?/, "").split("/");
  if (id) location.hash = place === "signals" ? "#/signals" : "#/now";
}

function search(): void {
  location.hash = "#/signals";
  setTimeout(() => document.getElementById("search")?.focus(), 50);
}

export function useKeys(calls: Calls): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (isText(event.target)) {
        if (event.key === "Escape") (event.target as HTMLElement).blur();
        return;
      }
      const actions: Record<string, () => void> = {
        j: () => step(1),
        k: () => step(-1),
        n: () => (location.hash = "#/now"),
        i: () => (location.hash = "#/incidents"),
        s: () => (location.hash = "#/signals"),
        c: () => (location.hash = "#/changes"),
        t: calls.theme,
        "/": search,
        "?": calls.help,
        Escape: back,
      };
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  });
}
