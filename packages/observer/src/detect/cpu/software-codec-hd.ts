import type { InboundStream, OutboundStream } from "../../model/streams.ts";
import { machineSubject } from "../../model/machine.ts";
import type { Board } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { definition as cpuLimitedEncoding } from "./cpu-limited-encoding.ts";
import { definition as decoderOverloaded } from "./decoder-overloaded.ts";
import { definition as encoderOverloaded } from "./encoder-overloaded.ts";
import { definition as systemPressure } from "./system-pressure.ts";
import { videoSenders } from "./video-sender.ts";

const thresholds = { minimumHeight: 1080 };

/** Subjects that are remembered; a hostile log cannot make more. Ours. */
const maximumSubjects = 2000;

export const definition: ObservationDefinition = {
  id: "software-codec-hd",
  category: "cpu",
  tier: "B",
  title: "Large picture coded in software",
  meaning: "A picture of 1080 lines or more is encoded or decoded by the processor, which is short of time.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the codec is not power efficient at 1080 lines or more while encoder, decoder or processor show trouble",
  clearText: "no such trouble, a smaller picture, or another codec",
  evidence: [
    "outbound-rtp.encoderImplementation",
    "outbound-rtp.frameHeight",
    "inbound-rtp.decoderImplementation",
    "inbound-rtp.frameHeight",
  ],
  exceptions: [{ when: "neither the codec nor the processor shows any trouble" }],
  blindIn: "Firefox and Safari do not say whether a codec is one of the hardware.",
  thresholds,
};

/** HD encoded or decoded in software, beside signs that the processor is short of time. */
export const softwareCodecHd: Detector = {
  definition,
  onStep(view: View): void {
    const { interval } = view;
    const limit = view.board.inForce(definition).thresholds["minimumHeight"] ?? Number.POSITIVE_INFINITY;
    for (const { lead, height } of videoSenders(interval.outbound)) {
      const { stream } = lead;
      const { powerEfficientEncoder: efficient, encoderImplementation: codec } = lead.now;
      judge(view, stream, { large: (height ?? 0) >= limit, efficient, codec, height });
    }
    for (const { now, stream } of interval.inbound) {
      if (stream.kind !== "video") continue;
      const { powerEfficientDecoder: efficient, decoderImplementation: codec, frameHeight: height } = now;
      judge(view, stream, { large: (height ?? 0) >= limit, efficient, codec, height });
    }
  },
};

interface Codec {
  readonly large: boolean;
  readonly efficient: boolean | null;
  readonly codec: string | null;
  readonly height: number | null;
}

function judge(
  { model, interval, board }: View,
  stream: InboundStream | OutboundStream,
  { large, efficient, codec, height }: Codec,
): void {
  const { from, to } = interval;
  const { softwareHd } = model.machine;
  const { subject } = stream;
  if (large && efficient === null) board.absent(definition, "powerEfficientEncoder, powerEfficientDecoder");
  else if (efficient !== null) board.present(definition);
  if (!large || efficient !== false || !isShortOfTime(board, stream)) {
    if (softwareHd.delete(subject.key)) board.clear(definition, subject, to);
    return;
  }
  if (softwareHd.has(subject.key) && board.open(definition, subject) !== null) return;
  const record = board.raise(definition, subject, from, "info");
  if (record === null) return;
  if (softwareHd.size < maximumSubjects) softwareHd.add(subject.key);
  const inbound = subject.scope.direction === "inbound";
  if (inbound) record.domainHint = "receiver-device";
  record.onEvidence = inbound
    ? [
        ...known("inbound-rtp", "decoderImplementation", codec, "", from, to),
        ...known("inbound-rtp", "frameHeight", height, "px", from, to),
      ]
    : [
        ...known("outbound-rtp", "encoderImplementation", codec, "", from, to),
        ...known("outbound-rtp", "frameHeight", height, "px", from, to),
      ];
}

/** Signs that the processor is short of time, at this codec or on the whole machine. */
function isShortOfTime(board: Board, { subject }: InboundStream | OutboundStream): boolean {
  if (board.open(systemPressure, machineSubject) !== null) return true;
  if (subject.scope.direction === "inbound") return board.open(decoderOverloaded, subject) !== null;
  return board.open(cpuLimitedEncoding, subject) !== null || board.open(encoderOverloaded, subject) !== null;
}
