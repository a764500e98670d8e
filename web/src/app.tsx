// The frame around every view: navigation, connection, keys.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { AuditView } from "./audit";
import { ChangesView } from "./changes";
import { span } from "./format";
import { type Theme, useNow, useRoute, useTheme } from "./hooks";
import { IncidentView } from "./incident";
import { IncidentsView } from "./incidents";
import { useKeys } from "./keys";
import { type Live, LiveContext, may, useLiveState } from "./live";
import { Login } from "./login";
import { ModelsView, ModelView } from "./models";
import { ReportsView, ReportView } from "./reports";
import { NowView } from "./now";
import { SignalView } from "./signal";
import { SignalsView } from "./signals";
import { Dialog, Empty, Loading } from "./ui";

const places: [string, string][] = [
  ["now", "Now"],
  ["incidents", "Incidents"],
  ["signals", "Signals"],
  ["changes", "Changes & silences"],
  ["models", "Models"],
  ["reports", "Reports"],
];
const auditPlace: [string, string] = ["audit", "Audit"]; // for those who may read it

function View({ route }: { route: string[] }): JSX.Element {
  const [place, id] = route;
  if (place === undefined || place === "now") return <NowView />;
  if (place === "incidents") return id ? <IncidentView key={id} id={id} /> : <IncidentsView />;
  if (place === "signals") return id ? <SignalView key={id} id={id} /> : <SignalsView />;
  if (place === "changes") return <ChangesView />;
  if (place === "models") return id ? <ModelView key={id} id={id} /> : <ModelsView />;
  if (place === "reports") return id ? <ReportView key={id} name={id} /> : <ReportsView />;
  if (place === "audit") return <AuditView />;
  return (
    <Empty title="There is nothing here">
      <a href="#/now">Back to what is going on now</a>
    </Empty>
  );
}

function Connection({ live }: { live: Live }): JSX.Element {
  const now = useNow();
  const lost = live.failure !== undefined;
  const text = live.seenAt === 0 && !lost ? "Connecting" : lost ? "Disconnected" : live.heard ? "Live" : "Polling";
  const since = live.seenAt > 0 ? span(now - live.seenAt) : "";
  return (
    <span class={`connection ${lost ? "lost" : ""}`} role="status" title={since && `Last answer ${since} ago${live.heard ? "; told at once what changes" : ""}`}>
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

const nextTheme: Record<Theme, Theme> = { auto: "dark", dark: "light", light: "auto" };
const themeWords: Record<Theme, string> = { auto: "Auto", dark: "Dark", light: "Light" };

function Keys({ close }: { close: () => void }): JSX.Element {
  const keys: [string, string][] = [
    ["j, k", "Next, previous entry"],
    ["Enter", "Open it"],
    ["Esc", "Back to the list"],
    ["/", "Search signals"],
    ["n, i, s, c", "Now, incidents, signals, changes"],
    ["t", "Theme: auto, dark, light"],
    ["?", "This list"],
  ];
  return (
    <Dialog title="Keys" close={close}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

function Disconnected({ live }: { live: Live }): JSX.Element | null {
  const now = useNow();
  if (live.failure === undefined) return null;
  const age = live.seenAt > 0 ? ` What is shown is ${span(now - live.seenAt)} old.` : "";
  return <p class="banner" role="alert">{live.failure.message}{age} Trying again by itself.</p>;
}

interface BarProps {
  live: Live;
  place: string;
  theme: Theme;
  turnTheme: () => void;
  help: () => void;
}

function Bar({ live, place, theme, turnTheme, help }: BarProps): JSX.Element {
  const open = live.status?.open_incidents ?? 0;
  return (
    <header class="bar">
      <a class="brand" href="#/now" aria-label="Quell, now">
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <rect width="32" height="32" rx="8" class="brand-ground" />
          <path d="M5 17h4.5l2.5-7 4 13 3-8 1.5 2H27" class="brand-line" />
        </svg>
        <span>Quell</span>
      </a>
      <nav aria-label="Views">
        {(may(live, "audit") ? [...places, auditPlace] : places).map(([path, title]) => (
          <a key={path} href={`#/${path}`} aria-current={place === path ? "page" : undefined}>
            {title}
            {path === "now" && open > 0 && (
              <span class="badge">{open}<span class="visually-hidden"> open incidents</span></span>
            )}
          </a>
        ))}
      </nav>
      <div class="bar-end">
        <Connection live={live} />
        <button type="button" class="button quiet" onClick={turnTheme} aria-label={`Theme: ${themeWords[theme]}`}>
          {themeWords[theme]}
        </button>
        <button type="button" class="button quiet" onClick={help} aria-label="Keys">?</button>
        {live.session?.asks && live.session.identity !== "anonymous" && (
          <button type="button" class="button quiet" onClick={live.leave} title={live.session.identity}>
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}

export function App(): JSX.Element {
  const live = useLiveState();
  const route = useRoute();
  const [theme, setTheme] = useTheme();
  const [help, setHelp] = useState(false);
  const turnTheme = (): void => setTheme(nextTheme[theme]);
  useKeys({ help: () => setHelp(true), theme: turnTheme });
  const place = route[0] ?? "now";
  const open = live.status?.open_incidents ?? 0;
  useEffect(() => {
    document.title = (open > 0 ? `(${open}) ` : "") + "Quell";
  }, [open]);
  if (live.locked) return <Login live={live} />;
  return (
    <LiveContext.Provider value={live}>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}>Skip to content</a>
      <Bar live={live} place={place} theme={theme} turnTheme={turnTheme} help={() => setHelp(true)} />
      <Disconnected live={live} />
      <main id="main" tabIndex={-1}>
        {live.session ? <View route={route} /> : <Loading what="the page" lines={5} />}
      </main>
      <footer class="foot">
        {live.status && <>Quell {live.status.version}</>}
        {live.session && <> · {live.session.asks ? live.session.identity : "open to everybody on this machine"}</>}
      </footer>
      {help && <Keys close={() => setHelp(false)} />}
    </LiveContext.Provider>
  );
}
