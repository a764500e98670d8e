// State that several views share: the route, what was fetched, the time, the theme.
import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, get } from "./api";

export function useRoute(): string[] {
  const read = (): string[] => location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const moved = (): void => {
      setRoute(read());
      window.scrollTo(0, 0);
    };
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, []);
  return route;
}

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  reload: () => void;
}

// Latest answers by path, so that going back shows something at once. Bounded.
const cache = new Map<string, unknown>();
const cacheMax = 60;

function keep(path: string, data: unknown): void {
  cache.delete(path);
  cache.set(path, data);
  const oldest = cache.keys().next().value;
  if (cache.size > cacheMax && oldest !== undefined) cache.delete(oldest);
}

export const forget = (): void => cache.clear();

// Fetched anew when `revision` changes; what was there stays until the answer is. "" fetches nothing.
export function useResource<T>(path: string, revision: number | string = 0): Resource<T> {
  const [state, setState] = useState<{ path: string; data?: T; error?: ApiError }>({ path: "" });
  const [again, setAgain] = useState(0);
  useEffect(() => {
    if (path === "") return;
    let current = true;
    get<T>(path).then(
      (data) => {
        keep(path, data);
        if (current) setState({ path, data });
      },
      (error: unknown) => {
        const problem = error instanceof ApiError ? error : new ApiError(0, String(error));
        if (current) setState((was) => (was.path === path ? { ...was, error: problem } : { path, error: problem }));
      },
    );
    return () => {
      current = false;
    };
  }, [path, revision, again]);
  const reload = useCallback(() => setAgain((n) => n + 1), []);
  const here = state.path === path;
  return {
    data: (here ? state.data : undefined) ?? (cache.get(path) as T | undefined),
    error: here ? state.error : undefined,
    reload,
  };
}

export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

// What is typed, once it rests.
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export type Theme = "auto" | "light" | "dark";
const themeKey = "quell-theme";

function storedTheme(): Theme {
  const stored = localStorage.getItem(themeKey);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  localStorage.setItem(themeKey, theme);
  window.dispatchEvent(new Event("themechange"));
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(storedTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return [theme, setTheme];
}

// Changes when colours do: by the toggle or by the system.
export function useColours(): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const next = (): void => setTurn((n) => n + 1);
    const system = matchMedia("(prefers-color-scheme: dark)");
    window.addEventListener("themechange", next);
    system.addEventListener("change", next);
    return () => {
      window.removeEventListener("themechange", next);
      system.removeEventListener("change", next);
    };
  }, []);
  return turn;
}
