import { Web } from "sip.js";

export interface Account {
  /** WebSocket address of your SIP server, such as `wss://sip.example.com`. */
  readonly server: string;
  /** Address of this user, such as `sip:kim@example.com`. */
  readonly address: string;
  readonly password?: string;
}

/** Connects to the SIP server and registers. Calls that come are answered. */
export async function register(
  { server, address, password }: Account,
  delegate: Web.SimpleUserDelegate = {},
): Promise<Web.SimpleUser> {
  const user = new Web.SimpleUser(server, {
    aor: address,
    media: { constraints: { audio: true, video: true } },
    userAgentOptions: { logLevel: "error", ...(password ? { authorizationPassword: password } : {}) },
  });
  const registered = new Promise<void>((resolve) => {
    user.delegate = {
      ...delegate,
      onRegistered() {
        delegate.onRegistered?.();
        resolve();
      },
      onCallReceived() {
        delegate.onCallReceived?.();
        void user.answer();
      },
    };
  });
  await user.connect();
  await user.register();
  await registered;
  return user;
}
