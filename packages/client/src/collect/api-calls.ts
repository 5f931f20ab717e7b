import type { EventData, JsonObject, JsonValue } from "@peerscope/schema";
import { toPlain, type MemberRule } from "../sample/plain-copy.ts";
import type { Platform } from "../platform.ts";
import type { Recorder } from "../recorder.ts";
import { reduceAddresses } from "./privacy.ts";
import type { Settle } from "./wrap.ts";

/** Tells a call of the app and its outcome. `names` name the arguments; what stands in them passes the privacy rule. */
export type TellCall = (
  method: string,
  names: readonly string[],
  args: readonly unknown[],
  connectionId?: string,
) => Settle;

export function createApiCalls(recorder: Recorder, platform: Platform, rule: MemberRule): TellCall {
  let calls = 0;
  const describe = (values: Record<string, unknown>): JsonObject | undefined => {
    const plain: JsonValue | undefined = toPlain(values, (name, value) =>
      typeof value === "function" ? undefined : rule(name, value),
    );
    return isFilled(plain) ? plain : undefined;
  };
  return (method, names, args, connectionId) => {
    const callId = ++calls;
    const calledAt = platform.now();
    const given = describe(Object.fromEntries(names.map((name, index) => [name, args[index]])));
    recorder.emit(
      "api-called",
      { callId, method, ...(given === undefined ? {} : { arguments: given }) },
      connectionId,
    );
    return (rejected, value) => {
      // Senders, transceivers and channels are in the events that follow them.
      const result =
        !rejected && /^(createO|createA|get)/.test(method) ? describe({ value })?.["value"] : null;
      recorder.emit(
        "api-settled",
        {
          callId,
          method,
          outcome: rejected ? "rejected" : "fulfilled",
          durationMs: platform.now() - calledAt,
          ...(rejected ? { error: describeError(value) } : {}),
          ...(isFilled(result) ? { result } : {}),
        },
        connectionId,
      );
    };
  };
}

function isFilled(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

function describeError(value: unknown): NonNullable<EventData["api-settled"]["error"]> {
  const { name, message, constraint } = Object(value) as {
    name?: unknown;
    message?: unknown;
    constraint?: unknown;
  };
  return {
    name: String(name ?? "Error").slice(0, 100),
    message: reduceAddresses(String(message ?? value).slice(0, 500)),
    ...(typeof constraint === "string" && constraint !== "" ? { constraint } : {}),
  };
}
