import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category ice-turn, by observation id. */
export const iceTurnTexts: Readonly<Record<string, ObservationTexts>> = {
  "ice-checks-failed": {
    title: always("No network path to the other side was found"),
    sentence: (f) =>
      `Every network path to the other side was tried and none of them answered${f.when}, so the call could not start.`,
    measured:
      "Candidate pairs sent connectivity checks (`requestsSent`) and no response came (`responsesReceived` 0).",
    support: always("Try another network, for example a phone's hotspot. A firewall may block calls here."),
    developer: (f) =>
      f.is("derived.relayCandidates", false)
        ? "No relay took part: configure a TURN server, with TLS on port 443 for strict firewalls."
        : f.is("derived.relayOnBothSides", true)
          ? "Both sides had a relay and still nothing answered: check that each side has the other's ICE credentials, and the firewall rules of the relays."
          : "A relay took part and still nothing answered: check the TURN credentials, the firewall rules and the remote candidates.",
  },
  "ice-disconnected": {
    title: (f) => tense(f, "The connection was interrupted", "The connection is interrupted"),
    sentence: (f) =>
      tense(
        f,
        `The connection to the other side was interrupted${f.when}; nothing went through meanwhile.`,
        `The connection to the other side is interrupted${f.when}; nothing goes through.`,
      ),
    measured: "`connectionState` was `disconnected` for 5 s or more.",
    support: always("Check the Wi-Fi signal or use a cable. Changing networks during a call also does this."),
    developer: always("Restart ICE when `disconnected` lasts longer than 5 s."),
  },
  "ice-failed-midcall": {
    title: always("The connection was lost during the call"),
    sentence: (f) =>
      `The call was running, then the connection was lost${f.when}, and it did not come back on its own.`,
    measured: "`connectionState` became `failed` after it had been `connected`.",
    support: always("Leave and join again. If it happens often, use a cable or another network."),
    developer: always("Restart ICE on `disconnected` after 5 s, before the browser gives up at about 15 s."),
  },
  "ice-gathering-slow": {
    title: always("A connection server answered late"),
    sentence: (f) =>
      `A server that helps to connect took long to answer${f.when}, so connecting may have taken longer.`,
    measured: "Time from the start of gathering to the first `icecandidate` of each STUN or TURN server.",
    support: always("Nothing to do."),
    developer: always("Use the nearest region, check DNS, and drop server URLs that do not answer."),
  },
  "turn-not-configured": {
    title: always("The app has no relay to fall back on"),
    sentence: (f) =>
      `The app has no relay server configured${f.when}, which is needed where two people cannot reach each other directly.`,
    measured: "`iceServers` of the configuration has no `turn:` or `turns:` URL.",
    support: always(
      "Try another network, for example a phone's hotspot. Pass it on to the developers of the app.",
    ),
    developer: always(
      "Configure a TURN server: `turn:` over UDP, and `turns:` over TCP on port 443 for strict firewalls.",
    ),
  },
  "turn-auth-failed": {
    title: always("The relay refused this client's credentials"),
    sentence: (f) =>
      `The relay server answered and did not accept the user name and password that the app gave it${f.when}.`,
    measured:
      "`icecandidateerror` with 401, 403, 437, 438 or 441, and no `relay` candidate from that server.",
    support: always("Check that the computer's clock is right, then join again."),
    developer: always(
      "Check the time of life of the credentials, the clocks, the realm and the shared secret.",
    ),
  },
  "turn-unreachable": {
    title: always("No relay could be reached"),
    sentence: (f) => `None of the relay servers of the app could be reached from this network${f.when}.`,
    measured: "`icecandidateerror` 701 for every TURN URL, and no `relay` candidate for 10 s.",
    support: always("An office firewall or a VPN may block it. Try a mobile hotspot, or without the VPN."),
    developer: always(
      "Check DNS, a TLS listener on port 443 and its certificate, and whether other sessions reach the servers.",
    ),
  },
  "turn-capacity-reached": {
    title: always("The relay is full"),
    sentence: (f) => `A relay server had no room for this client${f.when}.`,
    measured:
      "`icecandidateerror` with 486 (quota) or 508 (capacity), and no `relay` candidate from that server.",
    support: always("Try again in a few minutes."),
    developer: always(
      "Check the capacity and the quota of the TURN server, and for allocations that are never released.",
    ),
  },
  "udp-blocked": {
    title: (f) =>
      tense(
        f,
        "The network let no call traffic pass directly",
        "The network lets no call traffic pass directly",
      ),
    sentence: (f) =>
      `The usual way of calls (UDP) did not work${f.when}, so sound and picture took a slower one (TCP) that stutters when something gets lost.`,
    measured: "The selected path ran over TCP or TLS, and no server answered over UDP.",
    support: always("Ask those who run the network to open UDP port 3478 and the media ports."),
    developer: always(
      "Expect more delay. Offer TURN over UDP on port 443 too; some firewalls let that pass.",
    ),
  },
  "ice-restart-missing": {
    title: always("The app did not look for another path"),
    sentence: (f) => `The connection was lost, and the app did not try to find another path${f.when}.`,
    measured:
      "`connectionState` was `disconnected` or `failed` for 10 s without `restartIce()`, an offer with `iceRestart` or a new user fragment.",
    support: always("Leave and join again."),
    developer: always(
      "Call `restartIce()` when `disconnected` lasts 5 s, on `failed`, and when the network changes.",
    ),
  },
  "ice-path-flapping": {
    title: (f) => tense(f, "The network path kept changing", "The network path keeps changing"),
    sentence: (f) => `The connection went from one network path to another again and again${f.when}.`,
    measured: "The selected candidate pair changed at least 3 times within 30 s.",
    support: always("Switch one of two networks off, for example Wi-Fi while a cable is plugged in."),
    developer: always("Look at which candidates take turns; an interface of a VPN or a dock is a usual one."),
  },
  "transport-stalled": {
    title: (f) => tense(f, "Nothing came back over the connection", "Nothing comes back over the connection"),
    sentence: (f) =>
      tense(
        f,
        `This person's app kept sending, and nothing at all came back from the other side${f.when}.`,
        `This person's app keeps sending, and nothing at all comes back from the other side${f.when}.`,
      ),
    measured:
      "`bytesReceived` of the pair stood still for 5 s, `bytesSent` grew, and STUN requests went unanswered.",
    support: always("If it does not come back within a few seconds, leave and join again."),
    developer: always(
      "Restart ICE. Typical reasons are a lost NAT binding, a dead access line, or a firewall that lets one way pass.",
    ),
  },
  "relay-detour": {
    title: (f) =>
      tense(f, "Everything took a long detour over a relay", "Everything takes a long detour over a relay"),
    sentence: (f) =>
      `Sound and picture go through a relay server, and answers take long all the time${f.when}${f.size}.`,
    measured:
      "Round trip of the selected pair with a `relay` candidate, against its lowest values of the last 120 s.",
    support: always("Nothing to do on this person's side."),
    developer: always("Choose the TURN server nearest to the people, for example by DNS."),
  },
  "network-interface-changed": {
    title: always("This device changed its network"),
    sentence: (f) => `This person's device went over to another network${f.when}.`,
    measured:
      "Network Information of the browser, its online state, or `networkType` of the selected local candidate.",
    support: always("Short interruptions are usual then. Stay on one network during a call if possible."),
    developer: always("Restart ICE when the network changes."),
  },
  "path-over-vpn": {
    title: (f) => tense(f, "The call went through a VPN", "The call goes through a VPN"),
    sentence: (f) => `Sound and picture of this person go through a VPN${f.when}.`,
    measured: "`networkType` of the selected local candidate is `vpn`.",
    support: always("If there are other problems, try without the VPN."),
    developer: always("Nothing to do."),
  },
};
