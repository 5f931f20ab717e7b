/**
 * What to paste to record the calls of an app. docs/tasks/use-with-a-library.md says the same at length, and
 * e2e/libraries runs it with the real packages.
 */
export interface Snippet {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  /** Where it goes. */
  readonly where: string;
}

/** Lines of the SDK in each place, with the address of this server and a key. */
export function snippetsFor(url: string, token: string): readonly Snippet[] {
  const address = JSON.stringify(url);
  const key = JSON.stringify(token);
  const began = (user: string, call: string): string =>
    `start({ url: ${address}, token: ${key}, user: ${user}, call: ${call} });`;
  const imported = 'import { start } from "@peerscope/client";';
  return [
    {
      id: "script",
      name: "Plain script",
      where: "Into the head of the page that makes the calls, before anything creates a peer connection.",
      code: [
        `<script src="${url}/sdk/peerscope.iife.js"></script>`,
        "<script>",
        "  Peerscope.start({",
        `    url: ${address},`,
        `    token: ${key},`,
        '    user: "kim", // who this is',
        '    call: "stand-up", // the same text for everybody in the call',
        "  });",
        "</script>",
      ].join("\n"),
    },
    {
      id: "esm",
      name: "ES module",
      where:
        "Where the app begins, before the first RTCPeerConnection. With npm: import it from @peerscope/client.",
      code: [
        `import { start } from "${url}/sdk/peerscope.js";`,
        "",
        `const monitor = ${began('"kim"', '"stand-up"')}`,
        "// When the app is done with calls: await monitor.stop();",
      ].join("\n"),
    },
    {
      id: "react",
      name: "React",
      where: "Around what makes the calls. The SDK starts with the call and says goodbye when it is left.",
      code: [
        'import { useEffect } from "react";',
        imported,
        "",
        "export function usePeerscope(user, call) {",
        "  useEffect(() => {",
        `    const monitor = ${began("user", "call")}`,
        "    return () => void monitor.stop();",
        "  }, [user, call]);",
        "}",
      ].join("\n"),
    },
    {
      id: "mediasoup-client",
      name: "mediasoup-client",
      where: "Before device.load().",
      code: [imported, "", began("user", "roomId"), "", "const device = await Device.factory();"].join("\n"),
    },
    {
      id: "livekit-client",
      name: "livekit-client",
      where:
        "Before room.connect() and room.prepareConnection(). The Peerscope key is not the LiveKit token.",
      code: [
        imported,
        "",
        began("identity", "roomName"),
        "",
        "await room.connect(server, accessToken);",
      ].join("\n"),
    },
    {
      id: "sip.js",
      name: "SIP.js",
      where:
        "Before the first INVITE in either direction. A softphone stays open: say which call begins and ends.",
      code: [
        imported,
        "",
        `const monitor = start({ url: ${address}, token: ${key}, user: "sip:kim@example.com" });`,
        "await simpleUser.connect();",
        "",
        "// When a call begins, with its Call-ID, and when it is over:",
        "monitor.setCall(callId);",
        "monitor.endCall();",
      ].join("\n"),
    },
    {
      id: "janus",
      name: "Janus",
      where: "Before createOffer or createAnswer of a handle.",
      code: [
        imported,
        "",
        began("user", "roomId"),
        "",
        "Janus.init({ dependencies: Janus.useDefaultDependencies({ adapter }), callback });",
      ].join("\n"),
    },
  ];
}

export interface TokenRecipe {
  /** Makes the key that is entered here; null for HS256, whose secret the page makes. */
  readonly makeKey: string | null;
  /** Of the app's backend. */
  readonly sign: string;
  /** Of the page. */
  readonly use: string;
}

/** How the backend of an app signs a token for each client, with `jose` of npm. */
export function tokenRecipe(
  url: string,
  key: {
    readonly keyId: string;
    readonly algorithm: "HS256" | "ES256" | "EdDSA";
    readonly audience: string | null;
  },
): TokenRecipe {
  const { keyId, algorithm, audience } = key;
  const secret =
    algorithm === "HS256"
      ? [
          'import { SignJWT } from "jose";',
          "",
          'const key = Buffer.from(process.env.PEERSCOPE_KEY, "base64url");',
        ]
      : [
          'import { importPKCS8, SignJWT } from "jose";',
          "",
          `const key = await importPKCS8(process.env.PEERSCOPE_KEY, "${algorithm}");`,
        ];
  return {
    makeKey: keyCommand(algorithm),
    sign: [
      ...secret,
      "",
      "export function peerscopeToken() {",
      "  return new SignJWT({})",
      `    .setProtectedHeader({ alg: "${algorithm}", kid: ${JSON.stringify(keyId)} })`,
      ...(audience === null ? [] : [`    .setAudience(${JSON.stringify(audience)})`]),
      "    .setIssuedAt()",
      '    .setExpirationTime("10 min")',
      "    .sign(key);",
      "}",
    ].join("\n"),
    use: [
      'import { start } from "@peerscope/client";',
      "",
      "// Asked whenever a connection is made, so a token may be short-lived.",
      'const token = async () => (await fetch("/peerscope-token")).text();',
      `start({ url: ${JSON.stringify(url)}, token, user: "kim", call: "stand-up" });`,
    ].join("\n"),
  };
}

/** How to make a key pair; the private half stays with the backend. */
export function keyCommand(algorithm: "HS256" | "ES256" | "EdDSA"): string | null {
  if (algorithm === "HS256") return null;
  const kind = algorithm === "ES256" ? "EC -pkeyopt ec_paramgen_curve:P-256" : "ED25519";
  return [
    `openssl genpkey -algorithm ${kind} -out peerscope-private.pem`,
    "openssl pkey -in peerscope-private.pem -pubout -out peerscope-public.pem",
  ].join("\n");
}
