// What the engine tells by itself (server-sent events): that something has moved, never what it is. Read by
// fetch, because credentials travel in a header, which EventSource cannot send.
import { authorized } from "./api";

const silentMs = 40_000; // the engine says something every 15 s
const againMs = 3000;
const bytesMax = 4096; // of one event

// Calls `moved` for every event until `signal`; `heard` tells whether events come. Tries again by itself.
export async function listen(signal: AbortSignal, moved: () => void, heard: (heard: boolean) => void): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    try {
      last = await hear(last, signal, moved, heard);
    } catch {
      // Lost, refused or too many listeners: the page asks by itself meanwhile.
    }
    if (signal.aborted) return;
    heard(false);
    await new Promise((done) => setTimeout(done, againMs));
  }
}

async function hear(
  last: string, signal: AbortSignal, moved: () => void, heard: (heard: boolean) => void,
): Promise<string> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silentMs);
  const stop = (): void => silence.abort();
  signal.addEventListener("abort", stop);
  try {
    const headers = authorized({ Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) });
    const answer = await fetch("/api/v1/events", { headers, cache: "no-store", signal: silence.signal });
    if (!answer.ok || answer.body === null) throw new Error(`answered ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let kept = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return last;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silentMs);
      heard(true);
      const events = (kept + value).split("\n\n");
      kept = events.pop() ?? "";
      if (kept.length > bytesMax) throw new Error("no event is that long");
      for (const event of events) {
        const id = /^id: (.+)$/m.exec(event)?.[1];
        if (id === undefined) continue;
        last = id;
        if (!event.includes("[]")) moved();
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    silence.abort();
  }
}
