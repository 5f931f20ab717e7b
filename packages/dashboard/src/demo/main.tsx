import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createDemoCall } from "./demo-call.ts";
import { DemoPage } from "./demo-page.tsx";
// The reader's theme, as in the dashboard.
import "../frame/theme.ts";
import "../app.css";

// ?call=…&user=… name the session, &autostart=1 calls at once, &synthetic=1 without camera and microphone.
const parameters = new URLSearchParams(location.search);
const user = parameters.get("user") ?? "demo-visitor";
const call = parameters.get("call") ?? `demo-${crypto.randomUUID().slice(0, 8)}`;
const demo = createDemoCall({ user, call });

// Camera, microphone, connections and the session end with the page, also when it goes into the back/forward cache.
addEventListener("pagehide", () => void demo.hangUp());
if (parameters.get("autostart") === "1") {
  void demo.start(parameters.get("synthetic") === "1" ? "synthetic" : "device");
}

const root = document.getElementById("root");
if (root === null) throw new Error("demo.html has no #root");
createRoot(root).render(
  <StrictMode>
    <DemoPage demo={demo} user={user} call={call} />
  </StrictMode>,
);
