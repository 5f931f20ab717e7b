/** What a case works with. It runs inside a page, in Chromium and in Firefox, with and without the SDK. */
export interface CaseTools {
  /** Notes what an app could see. */
  readonly log: (...values: unknown[]) => void;
  /** Runs something of the app and notes whether it returned or threw, and how its promise ended if it is one. */
  readonly attempt: (label: string, run: () => unknown) => Promise<unknown>;
  /** Notes how a function ended, and waits for nothing. */
  readonly attemptNow: (label: string, run: () => unknown) => unknown;
  /** A connection that is closed after the case. */
  readonly pc: (configuration?: RTCConfiguration) => RTCPeerConnection;
  /** A clone of the fake microphone's or camera's track, stopped after the case. */
  readonly track: (kind?: "audio" | "video") => Promise<MediaStreamTrack>;
  /** Two connections that have negotiated, and whose candidates are exchanged. */
  readonly pair: (prepare?: (a: RTCPeerConnection, b: RTCPeerConnection) => unknown) => Promise<{
    a: RTCPeerConnection;
    b: RTCPeerConnection;
  }>;
  /** Resolves at the next event of the type. */
  readonly next: (target: EventTarget, type: string) => Promise<Event>;
  readonly pause: (durationMs: number) => Promise<void>;
  /** Waits for what does not have to be noted; gives up after 3 s. */
  readonly until: (condition: () => boolean) => Promise<void>;
  /** A value as text: what an app can tell apart, without what chance decides. */
  readonly show: (value: unknown) => string;
}

export type Case = (tools: CaseTools) => unknown;

/** Lines that a case noted, by subject and name of the case. */
export type Outcomes = Readonly<Record<string, readonly string[]>>;

/** Adds cases about one subject to the table. */
export type DefineCases = (subject: string, cases: Readonly<Record<string, Case>>) => void;

export interface CaseTable {
  readonly define: DefineCases;
  /** Runs all cases, one after the other. */
  run(): Promise<Outcomes>;
}

/** Runs in the page from its text: it may use nothing of this module. */
export function createCaseTable(): CaseTable {
  const table = new Map<string, Case>();
  const caseLimitMs = 10_000;

  /** Ids, ports and times of one run are not those of another. */
  const withoutChance = (text: string): string =>
    text
      .replaceAll(/v=0\r\n(.*\r\n)*/g, (sdp) => `<${sdp.match(/^m=\w+/gm)?.join(" ") ?? "empty"}>`)
      .replaceAll(/\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?/gi, "<uuid>")
      .replaceAll(/http:\/\/localhost:\d+\S*/g, "<page>");

  function show(value: unknown, depth = 0): string {
    if (typeof value === "string") return JSON.stringify(withoutChance(value));
    if (typeof value === "function") return `function ${value.name}/${value.length}`;
    if (typeof value !== "object" || value === null) return String(value);
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (value instanceof Error || tag === "DOMException" || tag === "Error") {
      const { name, message, constructor } = value as Error;
      return `${constructor.name} ${name}: ${withoutChance(message)}`;
    }
    if (depth > 4) return tag;
    if (Array.isArray(value)) return `[${value.map((element) => show(element, depth + 1)).join(", ")}]`;
    if (tag === "Object") {
      const members = Object.entries(value).map(([name, member]) => `${name}: ${show(member, depth + 1)}`);
      return `${value.constructor === Object ? "" : "?"}{${members.join(", ")}}`;
    }
    if (tag === "RTCSessionDescription")
      return `${tag}(${(value as RTCSessionDescription).type}, ${withoutChance((value as RTCSessionDescription).sdp)})`;
    if (tag === "MediaStream")
      return `${tag}(${(value as MediaStream)
        .getTracks()
        .map(({ kind }) => kind)
        .sort()
        .join()})`;
    if (tag === "MediaStreamTrack")
      return `${tag}(${(value as MediaStreamTrack).kind}, ${(value as MediaStreamTrack).readyState})`;
    return tag;
  }

  const pause = (durationMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, durationMs));

  const media: Partial<Record<string, Promise<MediaStream>>> = {};

  async function run(name: string, test: Case): Promise<string[]> {
    const lines: string[] = [];
    let over = false;
    const log = (...values: unknown[]): void => {
      if (!over)
        lines.push(
          values.map((value) => (typeof value === "string" ? withoutChance(value) : show(value))).join(" "),
        );
    };
    const cleanups: (() => unknown)[] = [];
    const pc = (configuration?: RTCConfiguration): RTCPeerConnection => {
      const connection = new RTCPeerConnection(configuration);
      cleanups.push(() => connection.close());
      return connection;
    };
    const attemptNow = (label: string, act: () => unknown): unknown => {
      try {
        const result = act();
        log(label, "returned", result);
        return result;
      } catch (error) {
        log(label, "threw", error);
        return undefined;
      }
    };
    const tools: CaseTools = {
      log,
      attemptNow,
      async attempt(label, act) {
        const result = attemptNow(label, act);
        // By its tag: a promise of another frame is none of this one's class.
        if (Object.prototype.toString.call(result) !== "[object Promise]") return result;
        try {
          const value: unknown = await result;
          log(label, "resolved", value);
          return value;
        } catch (error) {
          log(label, "rejected", error);
          return undefined;
        }
      },
      pc,
      async track(kind = "audio") {
        media[kind] ??= navigator.mediaDevices.getUserMedia({ [kind]: true });
        const [track] = (await media[kind]).clone().getTracks();
        if (track === undefined) throw new Error("The fake device has no track.");
        cleanups.push(() => track.stop());
        return track;
      },
      async pair(prepare) {
        const [a, b] = [pc(), pc()];
        a.addEventListener(
          "icecandidate",
          ({ candidate }) => void (candidate && b.addIceCandidate(candidate)),
        );
        b.addEventListener(
          "icecandidate",
          ({ candidate }) => void (candidate && a.addIceCandidate(candidate)),
        );
        await prepare?.(a, b);
        if (!prepare) a.createDataChannel("pair");
        await a.setLocalDescription();
        await b.setRemoteDescription(a.localDescription as RTCSessionDescription);
        await b.setLocalDescription();
        await a.setRemoteDescription(b.localDescription as RTCSessionDescription);
        return { a, b };
      },
      next: (target, type) =>
        new Promise((resolve, reject) => {
          target.addEventListener(type, resolve, { once: true });
          setTimeout(() => reject(new Error(`no ${type} within 3 s`)), 3_000);
        }),
      pause,
      async until(condition) {
        for (let waited = 0; waited < 3_000 && !condition(); waited += 5) await pause(5);
      },
      show,
    };
    try {
      await Promise.race([
        (async () => test(tools))(),
        pause(caseLimitMs).then(() => {
          throw new Error(`${name} did not end within ${caseLimitMs} ms`);
        }),
      ]);
    } catch (error) {
      log("the case threw", error);
    }
    over = true;
    for (const cleanup of cleanups) cleanup();
    return lines;
  }

  return {
    define(subject, cases) {
      for (const [name, test] of Object.entries(cases)) {
        const title = `${subject}: ${name}`;
        if (table.has(title)) throw new Error(`Two cases are named "${title}".`);
        table.set(title, test);
      }
    },
    async run() {
      const outcomes: Record<string, readonly string[]> = {};
      for (const [title, test] of table) outcomes[title] = await run(title, test);
      return outcomes;
    },
  };
}
