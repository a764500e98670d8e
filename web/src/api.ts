// Talks to the engine. Credentials live in this tab alone (sessionStorage) and travel in a header:
// never in an address, and no other site can send them.

const kept = "quell-authorization";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const signIn = (authorization: string): void => sessionStorage.setItem(kept, authorization);
export const signOut = (): void => sessionStorage.removeItem(kept);

// Credentials that were refused are not tried again; whether there were any.
export function forgetSession(): boolean {
  const were = sessionStorage.getItem(kept) !== null;
  sessionStorage.removeItem(kept);
  return were;
}

export const bearer = (token: string): string => `Bearer ${token}`;

export function basic(name: string, password: string): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return "Basic " + btoa(String.fromCharCode(...bytes));
}

function messageOf(status: number, text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "string") return body;
    const error = (body as { error?: { message?: string }; message?: string; detail?: string }) ?? {};
    return error.error?.message ?? error.detail ?? error.message ?? `The engine answered ${status}.`;
  } catch {
    return text.trim() || `The engine answered ${status}.`;
  }
}

export function authorized(headers: Record<string, string>): Record<string, string> {
  const authorization = sessionStorage.getItem(kept);
  return authorization === null ? headers : { ...headers, Authorization: authorization };
}

async function send(method: string, path: string, body?: unknown, match?: string): Promise<Response> {
  const headers = authorized({ Accept: "application/json", ...(match === undefined ? {} : { "If-Match": match }) });
  if (method !== "GET") headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, cache: "no-cache", signal: AbortSignal.timeout(15000) };
  if (body !== undefined) init.body = JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new ApiError(0, "The engine cannot be reached.");
  }
  if (!answer.ok) throw new ApiError(answer.status, messageOf(answer.status, await answer.text()));
  return answer;
}

export async function get<T>(path: string): Promise<T> {
  return (await (await send("GET", path)).json()) as T;
}

export async function text(path: string): Promise<string> {
  return (await send("GET", path)).text();
}

// `match`: the ETag of what was looked at; refused where it has changed since.
export async function change(method: "POST" | "DELETE", path: string, body?: unknown, match?: string): Promise<string> {
  return (await send(method, path, body, match)).text();
}
