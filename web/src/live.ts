// What is always known: who is looking, and the engine's status, asked for every few seconds. The rest
// is fetched again only when the status says that it changed.
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";
import { ApiError, forgetSession, get, signOut } from "./api";
import { forget } from "./hooks";
import type { Session, Status } from "./types";

const everyMs = 3000;
const hiddenEveryMs = 20000;

export interface Live {
  session: Session | undefined;
  status: Status | undefined;
  seenAt: number; // when the engine last answered
  failure: ApiError | undefined; // it does not now
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

export function useLiveState(): Live {
  const [known, setKnown] = useState<Known>({ seenAt: 0, locked: false, refused: false });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer = 0;
    let ended = false;
    let busy = false;
    let session: Session | undefined;
    const look = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      try {
        session ??= await get<Session>("/api/v1/session");
        const status = await get<Status>("/api/v1/status");
        if (!ended) setKnown({ session, status, seenAt: Date.now(), locked: false, refused: false });
      } catch (error) {
        const problem = error instanceof ApiError ? error : new ApiError(0, String(error));
        if (ended) return;
        if (problem.status === 401 || problem.status === 403) {
          setKnown({ seenAt: 0, locked: true, refused: forgetSession() });
          return;
        }
        setKnown((was) => ({ ...was, failure: problem }));
      }
      busy = false;
      if (!ended) timer = window.setTimeout(() => void look(), document.hidden ? hiddenEveryMs : everyMs);
    };
    const shown = (): void => {
      if (document.hidden) return;
      clearTimeout(timer);
      void look();
    };
    void look();
    document.addEventListener("visibilitychange", shown);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [turn]);
  const enter = useCallback(() => setTurn((n) => n + 1), []);
  const leave = useCallback(() => {
    signOut();
    forget();
    setKnown({ seenAt: 0, locked: true, refused: false });
  }, []);
  return {
    session: known.session, status: known.status, seenAt: known.seenAt, failure: known.failure,
    locked: known.locked, refused: known.refused, enter, leave,
  };
}
