import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { createDescriptionReader } from "@peerscope/schema";
import { contextOf, eventsOf, openSdkLab, samplesOf, type SdkLab } from "./sdk-lab.ts";

let browser: Browser;
let lab: SdkLab;

beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openSdkLab()]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

describe("a call of a page with itself", () => {
  it("is recorded from the first API call to the last sample", async () => {
    const page = await lab.open(browser);
    const { sessionId, status, changed, problems } = await page.evaluate(async () => {
      const { lab } = globalThis;
      const monitor = lab.start({ user: "kim", call: "stand up/1", tags: { room: "7" } });
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const [audio] = stream.getAudioTracks();
      const [video] = stream.getVideoTracks();
      const a = new RTCPeerConnection();
      const b = new RTCPeerConnection();
      monitor.observe(b, "the other side");
      const channel = a.createDataChannel("chat");
      await lab.connect(a, b, stream);
      if (channel.readyState !== "open")
        await new Promise((resolve) => channel.addEventListener("open", resolve));
      if (audio !== undefined) audio.enabled = false;
      await lab.pause(2_500);
      const sender = a.getSenders().find(({ track }) => track?.kind === "video");
      await sender?.replaceTrack(null);
      video?.stop();
      monitor.event("raised hand", { seconds: 3 });
      monitor.setUser("lee");
      monitor.tag("room", null);
      b.close();
      await lab.pause(700);
      const status = monitor.status();
      await monitor.stop();
      return { sessionId: monitor.sessionId, status, changed: lab.changed(), problems: lab.problems };
    });
    const session = lab.session(sessionId);

    expect(problems).toEqual([]);
    expect(changed).toEqual([]);
    expect(session.errors).toEqual([]);
    expect(session.sequences).toEqual(session.sequences.map((_, index) => index));
    // Written before stop() resolved, read a little later.
    await expect.poll(() => session.said).toEqual(["hello", "bye"]);
    expect(session.urls).toEqual(["/ingest?call=stand%20up%2F1"]);
    expect(status).toMatchObject({ connected: true, lost: 0, refused: null });
    expect(status.framesAcknowledged).toBeGreaterThan(3);

    expect(session.records[0]).toMatchObject({
      kind: "context",
      context: {
        sdkName: "@peerscope/client",
        userId: "kim",
        callId: "stand up/1",
        tags: { room: "7" },
        pageUrl: `${lab.url}/room`,
      },
    });
    expect(contextOf(session)).toMatchObject({
      userId: "lee",
      tags: { room: null },
      browserName: "Chrome",
    });

    const created = eventsOf(session, "connection-created");
    expect(created.map(({ connectionId, data }) => [connectionId, data.name])).toEqual([
      ["pc-1", undefined],
      ["pc-2", undefined],
      ["pc-2", "the other side"],
    ]);

    const calls = eventsOf(session, "api-called");
    const methods = calls.map(({ connectionId, data }) => `${connectionId ?? "page"} ${data.method}`);
    for (const call of [
      "page getUserMedia",
      "pc-1 createDataChannel",
      "pc-1 addTrack",
      "pc-1 setLocalDescription",
      "pc-2 setRemoteDescription",
      "pc-2 addIceCandidate",
      "pc-1 replaceTrack",
      "pc-2 close",
    ]) {
      expect(methods).toContain(call);
    }
    const settled = new Map(eventsOf(session, "api-settled").map(({ data }) => [data.callId, data]));
    for (const { data } of calls) {
      expect(settled.get(data.callId), data.method).toMatchObject({
        method: data.method,
        outcome: "fulfilled",
      });
    }
    expect(calls.find(({ data }) => data.method === "setRemoteDescription")?.data.arguments).toMatchObject({
      description: {
        type: "offer",
        sdp: expect.stringMatching(/^m=audio .*^m=video .*^m=application /ms) as unknown,
      },
    });

    for (const id of ["pc-1", "pc-2"]) {
      const states = eventsOf(session, "connection-state-changed", id).map(({ data }) => data.state);
      expect(states).toEqual(["connecting", "connected"]);
      expect(eventsOf(session, "signaling-state-changed", id).at(-1)?.data.state).toBe("stable");
      expect(eventsOf(session, "ice-candidate-gathered", id).length).toBeGreaterThan(0);
      expect(
        eventsOf(session, "data-channel-state-changed", id).map(({ data }) => [data.label, data.state]),
      ).toContainEqual(["chat", "open"]);
    }
    expect(eventsOf(session, "connection-closed").map(({ connectionId }) => connectionId)).toEqual(["pc-2"]);

    const tracks = eventsOf(session, "track-state-changed", "pc-1").map(({ data }) => data);
    expect(tracks.filter(({ kind }) => kind === "audio")).toMatchObject([
      { direction: "local", enabled: true, readyState: "live", source: "microphone" },
      { direction: "local", enabled: false, readyState: "live" },
    ]);
    expect(tracks.filter(({ kind }) => kind === "video")).toMatchObject([
      { direction: "local", readyState: "live", source: "camera" },
      { direction: "local", readyState: "ended", stoppedByApp: true, source: "camera" },
    ]);
    expect(eventsOf(session, "track-state-changed", "pc-2")[0]?.data).toMatchObject({ direction: "remote" });
    expect(eventsOf(session, "sender-track-replaced", "pc-1").map(({ data }) => data)).toEqual([
      { from: tracks.find(({ kind }) => kind === "video")?.trackId, to: null, kind: "video" },
    ]);
    expect(eventsOf(session, "app-event").map(({ data }) => data)).toEqual([
      { name: "raised hand", data: { seconds: 3 } },
    ]);

    // Two seconds and a half, one when it connected, the last one.
    for (const id of ["pc-1", "pc-2"]) {
      const samples = samplesOf(session, id);
      expect(samples.length).toBeGreaterThanOrEqual(4);
      // The report asked for at close() races with the close: it may have lost what the network thread knew.
      const whole = samples.at(id === "pc-2" ? -2 : -1);
      const types = new Set(whole?.stats.map(({ type }) => type));
      for (const type of ["transport", "candidate-pair", "local-candidate", "remote-candidate", "codec"]) {
        expect([...types]).toContain(type);
      }
      expect([...types]).toContain(id === "pc-1" ? "outbound-rtp" : "inbound-rtp");
      const at = samples.map((sample) => sample.at);
      expect(at).toEqual([...at].sort((x, y) => x - y));
      for (const { durationMs } of samples) expect(durationMs).toBeGreaterThan(0);
    }
    // A last report was asked for right before close().
    const closedAt = eventsOf(session, "connection-closed")[0]?.at ?? 0;
    expect(Math.abs((samplesOf(session, "pc-2").at(-1)?.at ?? 0) - closedAt)).toBeLessThan(500);
    expect(session.records.at(-1)).toMatchObject({ name: "session-ended", data: { reason: "stopped" } });
    expect(samplesOf(session, "pc-1").at(-1)).toBe(session.records.at(-2));
    await page.close();
  });

  it("tells which track every sender sends, what it goes over, and what the app changed in descriptions", async () => {
    const page = await lab.open(browser);
    const { sessionId, sent, local, offered, trackIds } = await page.evaluate(async () => {
      const { lab } = globalThis;
      const monitor = lab.start();
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const [audio] = stream.getAudioTracks();
      const [video] = stream.getVideoTracks();
      const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
      a.addEventListener("icecandidate", ({ candidate }) => void b.addIceCandidate(candidate ?? undefined));
      b.addEventListener("icecandidate", ({ candidate }) => void a.addIceCandidate(candidate ?? undefined));
      const channel = a.createDataChannel("files", { ordered: false, maxRetransmits: 2 });
      a.addTransceiver("audio", { direction: "sendonly" });
      const withTrack = a.addTransceiver(video ?? "video", { streams: [stream] });
      withTrack.setCodecPreferences(
        RTCRtpSender.getCapabilities("video")?.codecs.filter(({ mimeType }) => /VP8|rtx/.test(mimeType)) ??
          [],
      );
      const offer = await new Promise<RTCSessionDescriptionInit>((resolve, reject) => {
        void a.createOffer(resolve, reject);
      });
      const sent = offer.sdp?.replace("useinbandfec=1", "useinbandfec=1;usedtx=1") ?? "";
      await a.setLocalDescription({ type: "offer", sdp: sent });
      await b.setRemoteDescription({ type: "offer", sdp: sent });
      await b.setLocalDescription();
      const local = b.localDescription?.sdp ?? "";
      await a.setRemoteDescription({ type: "answer", sdp: local });
      await a.getSenders()[0]?.replaceTrack(audio ?? null);
      // It may have opened while the sender's track was replaced.
      if (channel.readyState !== "open")
        await new Promise((resolve) => channel.addEventListener("open", resolve));
      const parameters = withTrack.sender.getParameters();
      await withTrack.sender.setParameters(parameters);
      await a.getStats(new MediaStream().getTracks()[0] ?? stream.clone().getTracks()[0]).catch(() => {});
      for (let sent = 0; sent < 40; sent++) channel.send(new Uint8Array(200_000));
      await lab.pause(1_300);
      a.close();
      await monitor.stop();
      return {
        sessionId: monitor.sessionId,
        sent,
        local,
        offered: offer.sdp ?? "",
        trackIds: [audio?.id, video?.id],
      };
    });
    const session = lab.session(sessionId);
    const sender = "pc-1";

    // A reader joins transceiver, mid, track and report.
    const transceivers = new Map(
      eventsOf(session, "transceiver-changed", sender).map(({ data }) => [data.receiverTrackId, data]),
    );
    expect([...transceivers.values()]).toMatchObject([
      {
        mid: "0",
        kind: "audio",
        direction: "sendonly",
        currentDirection: "sendonly",
        senderTrackId: trackIds[0],
      },
      {
        mid: "1",
        kind: "video",
        direction: "sendrecv",
        currentDirection: "sendonly",
        senderTrackId: trackIds[1],
      },
    ]);
    const stats = samplesOf(session, sender).findLast((sample) =>
      sample.stats.some(({ type }) => type === "outbound-rtp"),
    )?.stats;
    const outbound = stats?.filter(({ type }) => type === "outbound-rtp") ?? [];
    expect(outbound).toHaveLength(2);
    for (const { mid, mediaSourceId } of outbound) {
      const source = stats?.find(({ id }) => id === mediaSourceId);
      const transceiver = [...transceivers.values()].find((one) => one.mid === mid);
      expect(source?.["trackIdentifier"]).toBe(transceiver?.senderTrackId);
    }
    expect(eventsOf(session, "remote-track-added", "pc-2").map(({ data }) => [data.mid, data.kind])).toEqual([
      ["0", "audio"],
      ["1", "video"],
    ]);

    // What it goes over.
    const lastState = (name: "dtls-state-changed" | "ice-transport-state-changed" | "sctp-state-changed") =>
      eventsOf(session, name, sender).map(({ data }) => data.state);
    expect(lastState("dtls-state-changed")).toContain("connected");
    expect(lastState("ice-transport-state-changed")).toContain("connected");
    expect(lastState("sctp-state-changed")).toContain("connected");
    expect(eventsOf(session, "selected-candidate-pair-changed", sender)[0]?.data).toMatchObject({
      local: { type: expect.stringMatching(/host|prflx/) as unknown, protocol: "udp" },
      remote: { type: expect.stringMatching(/host|prflx/) as unknown, protocol: "udp" },
    });
    expect(eventsOf(session, "data-channel-state-changed", sender).at(-1)?.data).toMatchObject({
      label: "files",
      ordered: false,
      maxRetransmits: 2,
    });

    // Every description comes back as the page had it, but for what is hidden.
    const reader = createDescriptionReader();
    const read = session.records.flatMap((record) => {
      if (record.kind !== "event") return [];
      const description = reader.read(record.name, record.connectionId, record.data);
      return description ? [{ connectionId: record.connectionId, ...description }] : [];
    });
    const hidden = (sdp: string): string =>
      sdp.replace(/(ice-pwd:|fingerprint:\S+).*/g, "$1").replace(/(\d+\.\d+\.\d+)\.\d+/g, "$1.0");
    expect(read.map(({ connectionId, type, sdp }) => [connectionId, type, sdp])).toEqual([
      [sender, "offer", hidden(offered)],
      [sender, "offer", hidden(sent)],
      ["pc-2", "offer", hidden(sent)],
      ["pc-2", "answer", hidden(local)],
      [sender, "answer", hidden(local)],
    ]);
    expect(read[1]).toMatchObject({
      base: { method: "createOffer" },
      added: [expect.stringContaining("usedtx=1")],
      removed: [expect.stringContaining("useinbandfec=1")],
    });

    const calls = eventsOf(session, "api-called", sender).map(({ data }) => data);
    expect(calls.find(({ method }) => method === "setCodecPreferences")?.arguments).toMatchObject({
      transceiver: {
        mid: null,
        receiverTrackId: [...transceivers.values()].find(({ mid }) => mid === "1")?.receiverTrackId,
      },
      codecs: expect.arrayContaining([expect.objectContaining({ mimeType: "video/VP8" })]) as unknown,
    });
    expect(calls.find(({ method }) => method === "replaceTrack")?.arguments).toMatchObject({
      transceiver: { mid: "0" },
      track: { trackId: trackIds[0] },
    });
    expect(calls.map(({ method }) => method)).not.toContain("getStats");
    expect(
      eventsOf(session, "api-settled", sender).map(({ data }) => `${data.method} ${data.outcome}`),
    ).toEqual(
      expect.arrayContaining(["createOffer fulfilled", "setParameters fulfilled", "getStats rejected"]),
    );
    expect(await page.evaluate(() => globalThis.lab.problems)).toEqual([]);
    await page.close();
  });

  it("goes on in the same session after the server was away, every frame once", async () => {
    const page = await lab.open(browser);
    const sessionId = await page.evaluate(async () => {
      const { lab } = globalThis;
      // On a machine that is short of time the SDK would ask less often.
      const monitor = lab.start({ cpuBudget: 1 });
      Object.assign(globalThis, { monitor });
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      await lab.connect(new RTCPeerConnection(), new RTCPeerConnection(), stream);
      await lab.pause(1_500);
      return monitor.sessionId;
    });
    await lab.restart(2_000);
    await page.evaluate(async () => {
      const { lab } = globalThis;
      await lab.pause(5_000);
      await (Reflect.get(globalThis, "monitor") as { stop(): Promise<void> }).stop();
    });
    const session = lab.session(sessionId);
    await expect.poll(() => session.said).toEqual(["hello", "hello", "bye"]);
    expect(session.errors).toEqual([]);
    expect(session.sequences).toEqual(session.sequences.map((_, index) => index));
    const at = samplesOf(session, "pc-1").map((sample) => sample.at);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(1_900);
    expect(await page.evaluate(() => globalThis.lab.problems)).toEqual([]);
    await page.close();
  });

  it("ends when the page goes away", async () => {
    const page = await lab.open(browser);
    const sessionId = await page.evaluate(async () => {
      const monitor = globalThis.lab.start();
      await globalThis.lab.pause(500);
      monitor.event("last words");
      return monitor.sessionId;
    });
    await page.goto("about:blank");
    const session = lab.session(sessionId);
    await expect
      .poll(() => session.records.at(-1), { timeout: 5_000 })
      .toMatchObject({ name: "session-ended", data: { reason: "pagehide" } });
    expect(eventsOf(session, "app-event")).toHaveLength(1);
    await page.close();
  });
});
