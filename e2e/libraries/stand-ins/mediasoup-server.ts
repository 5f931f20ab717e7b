import { WebSocketServer } from "ws";
import type { FarEnd } from "../far-end.ts";
import type { StandIn } from "../library-lab.ts";

/** A media section of an SDP with what mediasoup says in its own words. */
interface Section {
  readonly kind: string;
  readonly text: string;
}

/**
 * Speaks the protocol of the mediasoup example. Each transport is a connection of the far end that has offered audio and
 * video; what mediasoup would say about itself is read from that offer. `localDescription` is no part of mediasoup: a
 * browser is not ICE lite and needs to know the other side's ICE parameters too.
 */
export function mediasoupServer(farEnd: FarEnd): StandIn {
  const sockets = new WebSocketServer({ noServer: true });
  const offers = new Map<string, string>();
  let transports = 0;

  async function answer(method: string, args: readonly string[]): Promise<unknown> {
    const [id = "", sdp = ""] = args;
    if (method === "routerRtpCapabilities") {
      const asked = `capabilities-${++transports}`;
      const offer = await farEnd.offer(asked);
      await farEnd.close(asked);
      return { codecs: sectionsOf(offer).flatMap((section) => codecsOf(section, "preferredPayloadType")) };
    }
    if (method === "createTransport") {
      const transportId = `mediasoup-${++transports}`;
      const offer = await farEnd.offer(transportId);
      offers.set(transportId, offer);
      return { id: transportId, ...transportOf(offer) };
    }
    if (method === "produce") return `producer-${sdp}`;
    if (method === "consume") return sectionsOf(offers.get(id) ?? "").map(consumerOf);
    if (method === "localDescription") await farEnd.accept(id, asAnswer(sdp));
    if (method === "close") await farEnd.close(id);
    return null;
  }

  sockets.on("connection", (socket) => {
    socket.on("message", (text: Buffer) => {
      const { id, method, args } = JSON.parse(text.toString()) as {
        id: number;
        method: string;
        args: string[];
      };
      void answer(method, args).then((result) => socket.send(JSON.stringify({ id, result })));
    });
  });
  return {
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
  };
}

function sectionsOf(sdp: string): Section[] {
  const [, ...sections] = sdp.split(/^m=/m);
  return sections.map((text) => ({ kind: text.split(" ", 1)[0] ?? "", text }));
}

/** What the page says, offer or answer, as an answer to the far end's offer of audio and video. */
function asAnswer(sdp: string): string {
  // The probator is a section of mediasoup-client's own, for padding that a server sends to measure the path.
  const [head = "", audio = "", video = ""] = sdp.replace(/ probator\b/, "").split(/^(?=m=)/m);
  return `${head}${audio}${video}`.replaceAll("setup:actpass", "setup:active");
}

function find(pattern: RegExp, text: string): string {
  return pattern.exec(text)?.[1] ?? "";
}

function transportOf(sdp: string): object {
  const candidates = sectionsOf(sdp)[0]?.text.matchAll(
    /^a=candidate:(\S+) 1 udp (\d+) (\S+) (\d+) typ (\S+)/gm,
  );
  return {
    iceParameters: {
      usernameFragment: find(/a=ice-ufrag:(\S+)/, sdp),
      password: find(/a=ice-pwd:(\S+)/, sdp),
    },
    iceCandidates: [...(candidates ?? [])].map(([, foundation, priority, address, port, type]) => ({
      foundation,
      priority: Number(priority),
      address,
      ip: address,
      protocol: "udp",
      port: Number(port),
      type,
    })),
    dtlsParameters: {
      role: "auto",
      fingerprints: [{ algorithm: "sha-256", value: find(/a=fingerprint:sha-256 (\S+)/, sdp) }],
    },
  };
}

/** Opus, or VP8 with its retransmissions, under the number that the browser gives it. */
function codecsOf({ kind, text }: Section, number: "payloadType" | "preferredPayloadType"): object[] {
  if (kind === "audio") {
    const opus = Number(find(/^a=rtpmap:(\d+) opus\//m, text));
    return [
      {
        kind,
        mimeType: "audio/opus",
        clockRate: 48_000,
        channels: 2,
        [number]: opus,
        rtcpFeedback: [],
        parameters: {},
      },
    ];
  }
  const vp8 = Number(find(/^a=rtpmap:(\d+) VP8\//m, text));
  const rtx = Number(find(new RegExp(`^a=fmtp:(\\d+) apt=${vp8}\\b`, "m"), text));
  const feedback = [{ type: "nack" }, { type: "nack", parameter: "pli" }, { type: "transport-cc" }];
  return [
    { kind, mimeType: "video/VP8", clockRate: 90_000, [number]: vp8, rtcpFeedback: feedback, parameters: {} },
    {
      kind,
      mimeType: "video/rtx",
      clockRate: 90_000,
      [number]: rtx,
      rtcpFeedback: [],
      parameters: { apt: vp8 },
    },
  ];
}

function consumerOf(section: Section): object {
  const { kind, text } = section;
  const [ssrc, rtx] = (find(/^a=ssrc-group:FID (.+?)\s*$/m, text) || find(/^a=ssrc:(\d+)/m, text)).split(" ");
  return {
    id: `consumer-${kind}-${ssrc ?? ""}`,
    producerId: `producer-${kind}`,
    kind,
    rtpParameters: {
      mid: find(/^a=mid:(\S+)/m, text),
      codecs: codecsOf(section, "payloadType"),
      headerExtensions: [],
      encodings: [{ ssrc: Number(ssrc), ...(rtx === undefined ? {} : { rtx: { ssrc: Number(rtx) } }) }],
      rtcp: { cname: find(/^a=ssrc:\d+ cname:(\S+)/m, text) },
    },
  };
}
