// Numbers, times and names as people read them. Times are local; UTC is shown on hover.
import type { Labels } from "./types";

function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e6 || size < 1e-4) return value.toPrecision(3).replace(/\.?0+e/, "e").replace("e+", "e");
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? 4 : size < 1 ? 2 : 3 });
}

export function amount(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (unit === "ratio") return digits(value * 100) + " %";
  if (unit === "seconds") {
    return Math.abs(value) < 1 ? digits(value * 1000) + " ms" : digits(value) + " s";
  }
  if (unit === "per_second") return digits(value) + "/s";
  return digits(value) + (unit ? " " + unit : "");
}

export const scoreOf = (tail: number): number =>
  tail > 0 ? Math.min(300, Math.max(0, -Math.log10(tail))) : 300;

// "1 in 4,000": how often chance alone shows something as odd.
export function odds(tail: number): string {
  if (!(tail > 0) || tail < 1e-12) return "less than 1 in a trillion";
  const one = 1 / tail;
  if (one < 10) return "an ordinary point";
  if (one >= 1e9) return `1 in ${digits(Math.round(one / 1e9))} billion`;
  if (one >= 1e6) return `1 in ${digits(Math.round(one / 1e6))} million`;
  return `1 in ${Number(one.toPrecision(2)).toLocaleString("en")}`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
const exact = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export function localTime(at: Date, seconds = false): string {
  const time = (seconds ? exact : clock).format(at);
  return at.toDateString() === new Date().toDateString() ? time : `${day.format(at)}, ${time}`;
}

export const utcTime = (at: Date): string => at.toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC");

export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 5 && seconds % 60 !== 0) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

export const count = (n: number, one: string, many = one + "s"): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .filter(([name]) => name !== "alertname")
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");

// A summary is "where: what - since 12:42 UTC[; also: ...]"; the page says the time itself.
export function splitSummary(summary: string): { where: string; what: string } {
  const plain = summary.replace(/ [-–] since \d{2}:\d{2}(:\d{2})? UTC/, "");
  const at = plain.indexOf(": ");
  if (at < 0) return { where: plain, what: "" };
  return { where: plain.slice(0, at), what: plain.slice(at + 2) };
}

// An identity ("user/alice", "token/pager") without its kind.
export const personOf = (identity: string): string => identity.replace(/^(user|token|certificate)\//, "");

const reasons: Record<string, string> = {
  paged: "Paged",
  duplicate_of: "Folded into the page",
  maintenance: "Announced maintenance covers it",
  expected_change: "An announced change explains it",
  scrape_outage: "Monitoring itself was out",
  flapping: "It comes and goes; the first page stands",
  below_budget: "Too little for the page budget",
  too_short: "Over before it was worth a page",
  outside_hours: "Outside business hours",
  silenced: "Silenced",
};

export const words = (name: string): string => {
  const plain = name.replace(/_/g, " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};
export const reasonWords = (reason: string): string => reasons[reason] ?? words(reason);

const ranks = ["critical", "error", "warning", "info"];
export const severityRank = (severity: string): number => {
  const at = ranks.indexOf(severity);
  return at < 0 ? ranks.length : at;
};
