import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category dtls, by observation id. */
export const dtlsTexts: Readonly<Record<string, ObservationTexts>> = {
  "dtls-failed": {
    title: always("The connection could not be encrypted"),
    sentence: (f) =>
      tense(
        f,
        `The two sides reached each other, but could not set up the encryption of the call${f.when}.`,
        `The two sides reach each other, but the encryption of the call is not set up${f.when}.`,
      ),
    measured:
      "`dtlsState` of `transport` was `failed`, or not `connected` 10 s after a candidate pair succeeded.",
    support: always("Reload the page, and check that the clock of the computer is right."),
    developer: always(
      "Compare the fingerprint of the description with the certificate, look for an expired one, both ends in one role, and packets that are too large for the path.",
    ),
  },
  "dtls-slow": {
    title: always("Setting up the encryption took long"),
    sentence: (f) => `Setting up the encryption of the call took longer than it needs${f.size}.`,
    measured: "Time from the first candidate pair that succeeded to `dtlsState` `connected`.",
    support: always("There is nothing to do on this side."),
    developer: always(
      "Lost handshake packets are sent again after a second: use small certificates (ECDSA).",
    ),
  },
};
