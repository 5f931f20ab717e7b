import { start } from "@peerscope/client";
import { register } from "./call.ts";
import { settings, show } from "../page.ts";

// Before the first call: SIP.js makes a connection when it makes an offer or gets one.
const { url, token, user, call } = settings;
start({ url, token, user, call });

// ?server=wss://sip.example.com&user=sip:kim@example.com&access=password&callee=sip:lee@example.com
const phone = await register(
  { server: settings.server, address: user, password: settings.access },
  {
    onCallAnswered() {
      if (phone.remoteMediaStream) show(phone.remoteMediaStream, () => phone.hangup());
    },
  },
);
if (settings.callee !== "") await phone.call(settings.callee);
