/**
 * Which observations explain which (catalogue section 4). Earlier rows win. Parents stand above their effects, or began before them:
 * cycles are impossible. Ids that have no detector yet do no harm.
 */
export const parentRows: readonly (readonly [parents: readonly string[], effects: readonly string[]])[] = [
  [
    ["sfu-egress-degraded"],
    [
      "ice-disconnected",
      "ice-failed-midcall",
      "transport-stalled",
      "downlink-loss",
      "downlink-loss-burst",
      "downlink-jitter",
      "downlink-outage",
      "high-rtt",
      "relay-detour",
    ],
  ],
  [
    [
      "media-permission-denied",
      "media-device-missing",
      "media-device-in-use",
      "media-constraints-unsatisfiable",
    ],
    [
      "capture-track-ended",
      "capture-muted-by-system",
      "microphone-silent",
      "camera-no-frames",
      "camera-low-frame-rate",
      "remote-media-not-sent",
      "one-way-audio",
      "connection-without-media",
    ],
  ],
  [
    ["negotiation-error", "negotiation-stalled", "no-common-codec", "candidate-rejected"],
    ["connection-never-established", "connection-without-media", "join-slow"],
  ],
  [
    ["turn-auth-failed", "turn-unreachable", "turn-capacity-reached", "turn-not-configured", "udp-blocked"],
    ["ice-checks-failed", "ice-gathering-slow", "join-slow"],
  ],
  [["udp-blocked"], ["high-rtt"]],
  // Not in the catalogue's table: where a relay is all the app allows, no pair is ever checked.
  [["turn-auth-failed", "turn-unreachable", "turn-capacity-reached"], ["connection-never-established"]],
  // Not in the catalogue's table: what was found late not to connect, and then did, is the same wait.
  [["connection-never-established"], ["join-slow"]],
  [
    ["ice-checks-failed", "dtls-failed"],
    ["connection-never-established", "call-partially-failed"],
  ],
  [
    ["network-interface-changed"],
    [
      "ice-disconnected",
      "ice-path-flapping",
      "downlink-loss-burst",
      "downlink-outage",
      "uplink-outage",
      "high-rtt",
    ],
  ],
  [["ice-disconnected"], ["ice-failed-midcall"]],
  // Not in the catalogue's table: checks of connectivity get lost like everything else, on a way that still carries media.
  [["uplink-loss", "downlink-loss", "uplink-bandwidth-limited", "uplink-bufferbloat"], ["ice-disconnected"]],
  [
    ["ice-disconnected", "ice-failed-midcall"],
    [
      "transport-stalled",
      "downlink-outage",
      "uplink-outage",
      "audio-concealment",
      "video-freeze",
      "call-dropped",
      "repeated-rejoins",
    ],
  ],
  [["transport-stalled"], ["downlink-outage", "uplink-outage", "audio-concealment", "video-freeze"]],
  [["ice-restart-missing"], ["call-dropped"]],
  [
    ["capture-track-ended", "capture-muted-by-system"],
    ["microphone-silent", "camera-no-frames", "remote-media-not-sent", "one-way-audio"],
  ],
  [["microphone-silent", "camera-no-frames", "camera-low-frame-rate"], ["remote-capture-problem"]],
  [
    ["system-pressure"],
    ["cpu-limited-encoding", "encoder-overloaded", "decoder-overloaded", "playout-glitches", "stats-gap"],
  ],
  // Coding has threads of its own: a blocked page does not explain it, a machine without time explains both.
  [["main-thread-blocked"], ["playout-glitches", "stats-gap"]],
  // Not in the catalogue's table: two ways of measuring one slow encoder; the browser's own word goes first.
  [["cpu-limited-encoding"], ["encoder-overloaded"]],
  [
    ["cpu-limited-encoding", "encoder-overloaded"],
    ["uplink-jitter", "uplink-send-delay", "camera-low-frame-rate"],
  ],
  [
    ["uplink-bandwidth-limited", "uplink-loss", "uplink-bufferbloat", "uplink-outage"],
    ["uplink-retransmission-heavy", "uplink-jitter", "uplink-send-delay", "remote-uplink-problem"],
  ],
  // Not in the catalogue's table: a bandwidth estimate that falls after loss or jitter fell because of them.
  [["uplink-loss", "uplink-jitter"], ["uplink-bandwidth-limited"]],
  // Nor is this: packets that overtake one another are asked for again, and the estimate falls, so packets wait.
  [["uplink-jitter"], ["uplink-retransmission-heavy", "uplink-send-delay"]],
  [
    ["downlink-loss", "downlink-loss-burst", "downlink-jitter", "downlink-outage"],
    [
      "audio-concealment",
      "jitter-buffer-high",
      "audio-time-stretch",
      "video-freeze",
      "video-stalled",
      "keyframe-storm",
      "av-desync",
      "quality-low-sustained",
    ],
  ],
  [["relay-detour", "uplink-bufferbloat"], ["high-rtt"]],
  [
    ["sfu-forwarding-gap", "sfu-layer-too-low"],
    ["downlink-outage", "video-smaller-than-shown", "one-way-audio"],
  ],
  [["sender-bitrate-capped"], ["video-smaller-than-shown"]],
  [["playout-delay-forced"], ["jitter-buffer-high"]],
  [["decoder-overloaded"], ["video-freeze", "av-desync"]],
  [["playback-blocked"], ["no-audio-played-out", "one-way-audio"]],
  // What only the sessions of a call together show (the catalogue's sections 3 and 5 say from whose report it is decided).
  [
    ["publisher-affects-many"],
    ["downlink-loss", "downlink-loss-burst", "audio-concealment", "video-freeze", "video-stalled"],
  ],
  [
    [
      "cpu-limited-encoding",
      "encoder-overloaded",
      "uplink-bandwidth-limited",
      "uplink-loss",
      "uplink-bufferbloat",
      "uplink-outage",
    ],
    ["publisher-affects-many"],
  ],
  [
    ["ice-disconnected", "transport-stalled", "downlink-loss", "downlink-loss-burst", "downlink-outage"],
    ["receiver-affected-alone"],
  ],
  [
    ["microphone-silent", "camera-no-frames", "uplink-outage", "transport-stalled", "ice-disconnected"],
    ["remote-media-not-sent"],
  ],
  [
    [
      "ice-disconnected",
      "transport-stalled",
      "connection-without-media",
      "uplink-outage",
      "downlink-outage",
      "no-audio-played-out",
      "remote-media-not-sent",
    ],
    ["one-way-audio"],
  ],
  [["transport-stalled", "downlink-outage"], ["call-dropped"]],
  [["connection-never-established"], ["call-partially-failed"]],
];

/**
 * What is recorded at a sender explains what others notice of its media (catalogue section 4, the rows about receivers).
 * `through`: the device of the sender, or its way to the server; between two people that way is the path between them.
 * Jitter is not in the catalogue's table: a server passes it on as it passes on loss.
 */
export const senderRows: readonly {
  readonly through: "device" | "uplink";
  readonly causes: readonly string[];
  readonly effects: readonly string[];
}[] = [
  {
    through: "device",
    causes: [
      "capture-track-ended",
      "capture-muted-by-system",
      "microphone-silent",
      "camera-no-frames",
      "camera-low-frame-rate",
    ],
    effects: ["video-freeze", "video-stalled", "video-smaller-than-shown", "remote-audio-too-quiet"],
  },
  {
    through: "device",
    causes: ["cpu-limited-encoding", "encoder-overloaded"],
    effects: ["decoder-overloaded", "video-freeze", "video-stalled", "video-smaller-than-shown"],
  },
  {
    through: "uplink",
    causes: ["uplink-bandwidth-limited", "uplink-loss", "uplink-bufferbloat", "uplink-outage"],
    effects: [
      "audio-concealment",
      "video-freeze",
      "video-stalled",
      "video-smaller-than-shown",
      "downlink-loss",
      "downlink-loss-burst",
      "downlink-outage",
    ],
  },
  { through: "uplink", causes: ["uplink-jitter"], effects: ["downlink-jitter"] },
];
