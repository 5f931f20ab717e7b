import { CallPage } from "../call/call-page.tsx";
import { call, goodCall, hostileCall, largeCall, notAnalysed, oneSided } from "./data/call.ts";
import { noAnswer, offline, refused, value, type FixedAnswer } from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";

const states: readonly { readonly id: string; readonly words: string; readonly call: FixedAnswer }[] = [
  { id: "call-full", words: "with a cause", call: value(call) },
  { id: "call-good", words: "in which nothing happened", call: value(goodCall) },
  { id: "call-large", words: "of 16 people", call: value(largeCall) },
  { id: "call-partial", words: "measured on one side only", call: value(oneSided) },
  { id: "call-empty", words: "that is not analysed yet", call: value(notAnalysed) },
  { id: "call-loading", words: "while it loads", call: { kind: "pending" } },
  { id: "call-failed", words: "that could not be loaded", call: noAnswer },
  {
    id: "call-unknown",
    words: "that nobody knows",
    call: refused("There is no such call", 404, "call-unknown"),
  },
  { id: "call-offline", words: "after the server has gone", call: offline(call) },
  { id: "call-hostile", words: "with hostile names", call: value(hostileCall) },
];

/** The page of a call, in its states. */
export function CallPanels(): React.ReactNode {
  return states.map(({ id, words, call: answer }) => (
    <Panel
      key={id}
      id={id}
      title="Call"
      state={words}
      page="/calls/$id"
      at="/calls/stand-up"
      answers={{ call: answer }}
    >
      <CallPage />
    </Panel>
  ));
}
