// What is always known: who is looking, and the engine's status, asked for when the engine tells that
// something moved, or every few seconds where it does not. The rest is fetched again only when the status
// says that it changed.
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import { ApiError, forgetSession, get, signOut } from "./api";
import { listen } from "./events";
import { forget } from "./hooks";
import type { Session, Status } from "./types";

const everyMs = 3000;
const heardEveryMs = 20000; // events come: only what they cannot tell
const hiddenEveryMs = 20000;

export interface Live {
  session: Session | undefined;
  status: Status | undefined;
  seenAt: number; // when the engine last answered
  failure: ApiError | undefined; // it does not now
  heard: boolean; // it tells by itself what moves
  locked: boolean; // credentials are needed, or the ones there are wrong
  refused: boolean; // they are wrong
  enter: () => void;
  leave: () => void;
}

export const LiveContext = createContext<Live | undefined>(undefined);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error("outside of the page");
  return live;
}

export const may = (live: Live, role: string): boolean => live.session?.roles.includes(role) ?? false;

interface Known {
  session?: Session;
  status?: Status;
  seenAt: number;
  failure?: ApiError | undefined;
  locked: boolean;
  refused: boolean;
}

function waitMs(heard: boolean): number {
  if (document.hidden) return hiddenEveryMs;
  return heard ? heardEveryMs : everyMs;
}

export function useLiveState(): Live {
  const [known, setKnown] = useState<Known>({ seenAt: 0, locked: false, refused: false });
  const [heard, setHeard] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer = 0;
    let ended = false;
    let busy = false;
    let again = false; // something moved while it was asked for
    let events: AbortController | undefined;
    let hears = false;
    let session: Session | undefined;
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      again = busy;
      if (busy) return;
      busy = true;
      try {
        session ??= await get<Session>("/api/v1/session");
        const status = await get<Status>("/api/v1/status");
        if (ended) return;
        setKnown({ session, status, seenAt: Date.now(), locked: false, refused: false });
        hearken();
      } catch (error) {
        const problem = error instanceof ApiError ? error : new ApiError(0, String(error));
        if (ended) return;
        if (problem.status === 401 || problem.status === 403) {
          events?.abort();
          setKnown({ seenAt: 0, locked: true, refused: forgetSession() });
          return;
        }
        setKnown((was) => ({ ...was, failure: problem }));
      }
      busy = false;
      if (ended) return;
      if (again) return void look();
      timer = window.setTimeout(() => void look(), waitMs(hears));
    };
    // Only while it is looked at: a browser opens but a few connections to one server.
    const hearken = (): void => {
      if (document.hidden || ended || (events !== undefined && !events.signal.aborted)) return;
      events = new AbortController();
      void listen(events.signal, () => void look(), (now) => {
        if (hears !== now) setHeard(now);
        if (hears && !now && !ended) void look(); // it may be gone
        hears = now;
      });
    };
    const shown = (): void => {
      if (document.hidden) {
        events?.abort();
        hears = false;
        return setHeard(false);
      }
      void look();
    };
    void look();
    document.addEventListener("visibilitychange", shown);
    window.addEventListener("offline", shown);
    window.addEventListener("online", shown);
    return () => {
      ended = true;
      events?.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
      window.removeEventListener("offline", shown);
      window.removeEventListener("online", shown);
    };
  }, [turn]);
  const enter = useCallback(() => setTurn((n) => n + 1), []);
  const leave = useCallback(() => {
    signOut();
    forget();
    setKnown({ seenAt: 0, locked: true, refused: false });
    setTurn((n) => n + 1); // ends what listens with those credentials
  }, []);
  return {
    session: known.session, status: known.status, seenAt: known.seenAt, failure: known.failure, heard,
    locked: known.locked, refused: known.refused, enter, leave,
  };
}
