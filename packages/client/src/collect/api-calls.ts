import type { EventData } from "@peerscope/schema";
import type { Emit, Loose } from "../recorder.ts";
import { toPlain, type MemberRule } from "../sample/plain-copy.ts";
import type { Connection } from "./connection.ts";
import { shortenDescription } from "./descriptions.ts";
import type { Settle } from "./wrap.ts";

/** Tells a call of the app and its outcome. `names` of the arguments have a space between them. */
export type TellCall = (
  method: string,
  names: string,
  args: readonly unknown[],
  connection?: Connection,
) => Settle;

/** `rule` reduces a session description before it is compared with the one before. */
export function createApiCalls(emit: Emit, now: () => number, rule: MemberRule): TellCall {
  let calls = 0;

  return (method, names, args, connection) => {
    const callId = ++calls;
    const calledAt = now();
    const nameOf = names.split(" ");
    // Of an app that polls, only what fails is worth telling.
    const isPoll = method === "getStats";

    /** A copy of an argument or result; what a session description has in common with the last one is left out. */
    function describe(name: string, value: unknown): unknown {
      const copy = Object(toPlain({ [name]: value }, rule))[name] as unknown;
      return connection ? shortenDescription(copy, callId, method, connection) : copy;
    }

    if (!isPoll) {
      const given = args.map((argument, index) => {
        const name = nameOf[index] || String(index);
        return [name, describe(name, argument)];
      });
      emit("api-called", { callId, method, arguments: Object.fromEntries(given) }, connection?.id);
    }
    return (rejected, value) => {
      if (isPoll && !rejected) return;
      emit(
        "api-settled",
        {
          callId,
          method,
          outcome: rejected ? "rejected" : "fulfilled",
          durationMs: now() - calledAt,
          error: rejected ? describeError(value) : undefined,
          // Senders, transceivers and channels are told by the events that follow.
          result:
            !rejected && /^(create[OA]|get|setL|apply)/.test(method) ? describe("result", value) : undefined,
        },
        connection?.id,
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
