import type { EventData } from "@peerscope/schema";
import type { Emit, Loose } from "../recorder.ts";
import type { Settle } from "./wrap.ts";

/** Tells a call of the app and its outcome. `names` of the arguments have a space between them. */
export type TellCall = (
  method: string,
  names: string,
  args: readonly unknown[],
  connectionId?: string,
) => Settle;

export function createApiCalls(emit: Emit, now: () => number): TellCall {
  let calls = 0;
  return (method, names, args, connectionId) => {
    const callId = ++calls;
    const calledAt = now();
    const given = Object.fromEntries(names.split(" ").map((name, index) => [name, args[index]]));
    emit("api-called", { callId, method, arguments: given }, connectionId);
    return (rejected, value) => {
      emit(
        "api-settled",
        {
          callId,
          method,
          outcome: rejected ? "rejected" : "fulfilled",
          durationMs: now() - calledAt,
          error: rejected ? describeError(value) : undefined,
          // Descriptions and streams; senders, transceivers and channels are told by the events that follow.
          result: !rejected && /^(createO|createA|get)/.test(method) ? value : undefined,
        },
        connectionId,
      );
    };
  };
}

function describeError(value: unknown): Loose<EventData["api-settled"]["error"] & object> {
  const { name, message, constraint } = Object(value) as Loose<
    Partial<EventData["api-settled"]["error"]> & object
  >;
  return {
    name: name ?? "Error",
    message: message ?? String(value),
    // "" in Chromium when no constraint is to blame.
    constraint: constraint || undefined,
  };
}
