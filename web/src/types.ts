// What the engine's API answers, as far as the page reads it.

export type Labels = Record<string, string>;

export interface Session {
  version: string;
  identity: string;
  roles: string[];
  asks: boolean;
}

export interface Status {
  version: string;
  ready: boolean;
  event_time: string;
  journal_sequence: number;
  journal_last: number;
  series: number;
  signals: number;
  open_alerts: number;
  open_incidents: number;
  last_error: string;
  steps: number;
  effects: number;
  signal_states: Record<string, number>;
  outbox_pending: number;
  dead_letters: number;
}

export interface Deed {
  at: string;
  by: string;
  via: string;
}

export interface People {
  acknowledged: Deed | null;
  resolved: Deed | null;
  priority: string;
  assignees: string[];
  url: string;
  notes: (Deed & { text: string })[];
  notes_total: number;
}

export interface IncidentHead {
  id: number;
  key: string;
  state: string;
  severity: string;
  summary: string;
  scope: Labels;
  scope_note: string;
  onset: string;
  opened_at: string;
  paged_at: string | null;
  resolved_at: string | null;
  merged_into: number;
  split_from: string | null;
  split_into: string | null;
  split_reason: string | null;
  people?: People;
}

export interface IncidentBrief extends IncidentHead {
  member_count?: number;
  first_reason?: string;
}

export interface Evidence {
  value: number;
  expected: number;
  band: [number, number];
  k: number;
  n: number;
  tail_probability: number;
  detectors: string[];
}

export interface Member {
  id: number;
  fingerprint: string;
  labels: Labels;
  signal: string;
  kind: string;
  what: string;
  unit: string;
  severity: string;
  direction: string;
  onset: string;
  startsAt: string;
  endsAt: string | null;
  evidence: Evidence;
  explanation?: { words: string[] } | null;
  received?: { from: string; summary: string; url: string };
  notified: string | null;
  reason: string;
  why_joined: string;
}

export interface Change {
  id: string;
  kind: string;
  start: string;
  end: string;
  scope: Labels;
  note: string;
}

export interface Incident extends IncidentHead {
  first_alert: number;
  evidence: string[];
  changes: Change[];
  members: Member[];
}

export interface ReportList {
  reports: { name: string; written_at: string; bytes: number }[];
  left_out: number;
}

export interface Scores {
  incidents?: number;
  caught?: number;
  pages?: number;
  false_pages?: number;
  precision?: number;
  recall?: number;
  false_pages_per_week?: number;
  detect_median_seconds?: number | null;
  detect_p90_seconds?: number | null;
}

export interface Report {
  scores?: Scores;
  by_kind?: Record<string, Scores>;
  incidents?: { id: string; kind?: string; start: string; end: string; caught: boolean }[];
}

export interface IncidentPage {
  incidents: IncidentBrief[];
  next: string | null;
}

export interface Page {
  at: string;
  page: number;
  action: string;
  receiver: string;
  state: string;
  attempts: number;
  last_error: string;
}

export interface SignalRow {
  id: string;
  signal: string;
  kind: string;
  what: string;
  unit: string;
  labels: Labels;
  state: string;
  alerting: boolean;
  last_seen: string | null;
  evidence: { state: string; text: string; points: number; points_needed: number };
  verdict: string;
  value: number;
  expected: number;
  band: [number, number];
  tail_probability: number;
}

export interface SignalList {
  signals: SignalRow[];
  total: number;
  offset: number;
  counts: Record<string, number>;
}

export type Column = (number | null)[];

export interface Points {
  id: string;
  step_seconds: number;
  score_to_alert: number;
  times: number[];
  value: Column;
  expected: Column;
  low: Column;
  high: Column;
  score: Column;
}

export interface Matcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual?: boolean;
}

export interface Silence {
  id: string;
  status: { state: string };
  matchers: Matcher[];
  startsAt: string;
  endsAt: string;
  createdBy: string;
  comment: string;
}

export interface ExpectedBand {
  expected: number;
  band: [number, number];
}

export interface NewNormalSignal {
  id: string;
  signal: string;
  what: string;
  labels: Labels;
  unit: string;
  since: string;
  now: number;
  from: number;
  to: number;
  band_unit: string;
  before: ExpectedBand;
  after: ExpectedBand;
  stays: boolean;
}

export interface NewNormal {
  incident: string;
  signals: NewNormalSignal[];
}

export interface Adoption {
  adoption: string;
  adopted_at: string;
  why: string;
  signal: string;
  what: string;
  unit: string;
  labels: Labels;
  shifted: string;
  from: number;
  to: number;
  since: string;
  undone_at: string | null;
}

export interface AuditEntry {
  entry: number;
  at: string;
  kind: string;
  what: string;
  key: string;
  actor: string;
  detail: string;
  digest: string;
  model: string;
  hash: string;
}

export interface AuditPage {
  audit: AuditEntry[];
  next: number | null;
}

export interface AuditHead {
  entry: number;
  hash: string;
}

export interface ModelRow {
  id: string;
  state: string;
  state_at: string;
  state_by: string;
  state_reason: string;
  author: string;
  registered_at: string;
  note: string;
  program: string;
  training: { from: string | null; to: string | null; digest: string | null };
  quality: Record<string, unknown> | null;
  approvals: { by: string; at: string; reason: string }[];
  revision: number;
}

export interface ModelList {
  models: ModelRow[];
  in_force: string;
  active: string | null;
  before: string | null;
  require_approval: boolean;
}

export interface ModelDetails extends ModelRow {
  changes: { key: string; from: string | null; to: string | null }[];
  same_program: boolean;
  gates: { gate: string; seen: number | null; at_least?: number; at_most?: number; holds: boolean }[];
  gates_hold: boolean;
}

export interface DifferenceCounts {
  both: number;
  only_active: number;
  only_candidate: number;
  lead_mean_seconds: number;
}

export interface ModelDifferences {
  since: string | null;
  until: string | null;
  pages: DifferenceCounts;
  alerts: DifferenceCounts;
  waiting: number;
  differences: { what: string; only: string; at: string; id: string; text: string }[];
}
