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
};
