import type { LiveFactor } from "@peerscope/schema/api";
import { short } from "../words/numbers.ts";

const dimensionWords: Readonly<Record<string, string>> = {
  browser: "browser",
  os: "system",
  network: "network",
  path: "path",
  country: "country",
  "app-version": "app version",
};

/** "Path relay/tls", "Tag region eu-2": what those who suffer share. */
export function factorName({ dimension, value }: LiveFactor): string {
  const word = dimension.startsWith("tag:")
    ? `tag ${dimension.slice(4)}`
    : (dimensionWords[dimension] ?? dimension);
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} ${value}`;
}

/** With both groups, so that the reader can judge the ratio. */
export function factorSentence(factor: LiveFactor): string {
  const { clients, affected, controlClients, controlAffected, ratio } = factor;
  const share = (part: number, whole: number): string => `${short((part / whole) * 100)} %`;
  const often =
    ratio === null
      ? "nobody without it suffers"
      : `${short(ratio)} times as often as without (control group ${controlClients})`;
  return `${affected} of ${clients} clients with it suffer (${share(affected, clients)}), ${controlAffected} of the ${controlClients} others (${share(controlAffected, controlClients)}): ${often}.`;
}
