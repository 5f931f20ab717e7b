import type { ApiError } from "@peerscope/schema/api";

/** An answer that was not 2xx, or no answer at all (`status` 0). */
export class RequestError extends Error {
  readonly status: number;
  /** Code of the error catalogue, for example "session-unknown"; null when the answer had none. */
  readonly code: string | null;

  constructor(message: string, status: number, code: string | null) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
  }
}

export function isApiError(body: unknown): body is ApiError {
  if (typeof body !== "object" || body === null || !("error" in body)) return false;
  const { error } = body;
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

/** GET as JSON. The server checks its answers against the contract; here only success and failure are told apart. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return await request<T>(path, signal ? { signal } : {});
}

/** Sends JSON, or nothing, and reads the answer as JSON; null when it has none. */
export async function sendJson<T>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<T> {
  if (body === undefined) return await request<T>(path, { method });
  return await request<T>(path, {
    method,
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("accept", "application/json");
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestError("The server did not answer", 0, null);
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body as T;
  if (isApiError(body)) throw new RequestError(body.error.message, response.status, body.error.code);
  throw new RequestError(`The server answered ${response.status}`, response.status, null);
}
