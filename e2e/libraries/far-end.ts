import type { Browser } from "playwright-core";

/** The other side of a call where a media server would be: a page of its own, which no SDK watches. */
export interface FarEnd {
  /** Takes an offer, sends its own camera and microphone back. The answer has all candidates. */
  answer(id: string, offer: string): Promise<string>;
  /** Offers camera and microphone. The offer has all candidates. */
  offer(id: string): Promise<string>;
  accept(id: string, answer: string): Promise<void>;
  close(id: string): Promise<void>;
}

declare global {
  /** Connections of the far end, by name. */
  // eslint-disable-next-line no-var
  var ends: Map<string, RTCPeerConnection>;
  // eslint-disable-next-line no-var
  var camera: MediaStream;
  // eslint-disable-next-line no-var
  var describeWhole: (pc: RTCPeerConnection) => Promise<string>;
}

export async function openFarEnd(browser: Browser): Promise<FarEnd> {
  const page = await (await browser.newContext()).newPage();
  // A secure context without a server: that is where getUserMedia is.
  await page.route("http://localhost/far-end", (route) =>
    route.fulfill({ contentType: "text/html", body: "<title>The far end</title>" }),
  );
  await page.goto("http://localhost/far-end");
  await page.evaluate(async () => {
    globalThis.ends = new Map();
    globalThis.camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    globalThis.describeWhole = async (pc) => {
      await pc.setLocalDescription();
      while (pc.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 10));
      return pc.localDescription?.sdp ?? "";
    };
  });
  return {
    answer: (id, offer) =>
      page.evaluate(
        async ([id, sdp]) => {
          const pc = globalThis.ends.get(id) ?? new RTCPeerConnection();
          globalThis.ends.set(id, pc);
          await pc.setRemoteDescription({ type: "offer", sdp });
          const offered = pc.getReceivers().map(({ track }) => track.kind);
          const sent = pc.getSenders().map(({ track }) => track?.kind);
          for (const track of globalThis.camera.getTracks()) {
            // addTrack takes the first transceiver of that kind, which the offer made.
            if (offered.includes(track.kind) && !sent.includes(track.kind))
              pc.addTrack(track, globalThis.camera);
          }
          return await globalThis.describeWhole(pc);
        },
        [id, offer] as const,
      ),
    offer: (id) =>
      page.evaluate(async (id) => {
        const pc = new RTCPeerConnection();
        globalThis.ends.set(id, pc);
        const { camera } = globalThis;
        // getTracks() has them in any order.
        for (const track of [...camera.getAudioTracks(), ...camera.getVideoTracks()])
          pc.addTrack(track, camera);
        return await globalThis.describeWhole(pc);
      }, id),
    accept: (id, answer) =>
      page.evaluate(
        async ([id, sdp]) => await globalThis.ends.get(id)?.setRemoteDescription({ type: "answer", sdp }),
        [id, answer] as const,
      ),
    close: (id) => page.evaluate((id) => globalThis.ends.get(id)?.close(), id),
  };
}
