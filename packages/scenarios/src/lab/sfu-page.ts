/** What the page of a call over a media server needs of the page it runs in. */
export interface SfuPageParts {
  /** A connection that is watched and sampled, under this name. */
  readonly create: (name: string) => RTCPeerConnection;
  readonly stream: () => MediaStream | null;
  readonly note: (event: string, members: object) => void;
}

/** Joins the room of a Janus VideoRoom: one connection sends, with two layers of video, another one receives all others. */
export type JoinSfu = (url: string, room: number, display: string, parts: SfuPageParts) => Promise<void>;

/** Runs in the browser, turned into text: it may use nothing from outside its own body. */
export const joinSfu: JoinSfu = async (url, room, display, { create, stream, note }) => {
  interface Publisher {
    readonly id: number;
    readonly display: string;
  }
  interface Message {
    readonly janus: string;
    readonly transaction?: string;
    readonly sender?: number;
    readonly data?: { readonly id: number };
    readonly plugindata?: { readonly data?: { readonly publishers?: readonly Publisher[] } };
    readonly jsep?: RTCSessionDescriptionInit;
  }
  const socket = new WebSocket(url, "janus-protocol");
  const answers = new Map<string, (message: Message) => void>();
  const listeners = new Map<number, (message: Message) => void>();
  let session: number | null = null;
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("the media server does not answer")));
  });
  socket.addEventListener("message", ({ data }) => {
    const message: Message = JSON.parse(String(data));
    const { janus, transaction, sender } = message;
    const answer = transaction === undefined ? undefined : answers.get(transaction);
    if (answer !== undefined && transaction !== undefined && janus !== "ack") {
      answers.delete(transaction);
      answer(message);
    } else if (sender !== undefined) listeners.get(sender)?.(message);
  });
  const send = (message: object, transaction = crypto.randomUUID()): void =>
    socket.send(
      JSON.stringify({ ...message, transaction, ...(session === null ? {} : { session_id: session }) }),
    );
  const ask = (message: object): Promise<Message> =>
    new Promise((resolve) => {
      const transaction = crypto.randomUUID();
      answers.set(transaction, resolve);
      send(message, transaction);
    });
  const idOf = ({ data }: Message): number => {
    if (data === undefined) throw new Error("the media server gave no id");
    return data.id;
  };
  const attach = async (): Promise<number> =>
    idOf(await ask({ janus: "attach", plugin: "janus.plugin.videoroom" }));
  const tell = (handle: number, body: object, jsep?: RTCSessionDescription | null): Promise<Message> =>
    ask({ janus: "message", handle_id: handle, body, ...(jsep ? { jsep } : {}) });
  const trickle = (connection: RTCPeerConnection, handle: number): void =>
    connection.addEventListener("icecandidate", ({ candidate }) =>
      send({
        janus: "trickle",
        handle_id: handle,
        candidate: candidate === null ? { completed: true } : candidate.toJSON(),
      }),
    );

  session = idOf(await ask({ janus: "create" }));
  setInterval(() => send({ janus: "keepalive" }), 20_000);

  let subscription: number | null = null;
  let receiving: RTCPeerConnection | null = null;
  const answerOffer = async ({ jsep }: Message, handle: number): Promise<void> => {
    if (jsep === undefined) return;
    if (receiving === null) {
      receiving = create(`${display}-sub`);
      trickle(receiving, handle);
    }
    await receiving.setRemoteDescription(jsep);
    await receiving.setLocalDescription();
    await tell(handle, { request: "start" }, receiving.localDescription);
  };
  // One offer of the server after the other.
  let done = Promise.resolve();
  const enqueue = (step: () => Promise<void>): void => {
    done = done.then(step).catch((error: unknown) => note("sfu.error", { message: String(error) }));
  };
  const subscribe = (publishers: readonly Publisher[]): void => {
    if (publishers.length === 0) return;
    note("sfu.feeds", { feeds: publishers.map((publisher) => publisher.display) });
    enqueue(async () => {
      const streams = publishers.map(({ id }) => ({ feed: id }));
      if (subscription !== null) {
        await answerOffer(await tell(subscription, { request: "subscribe", streams }), subscription);
        return;
      }
      const handle = await attach();
      subscription = handle;
      listeners.set(handle, (message) => enqueue(() => answerOffer(message, handle)));
      await answerOffer(await tell(handle, { request: "join", ptype: "subscriber", room, streams }), handle);
    });
  };

  const publication = await attach();
  listeners.set(publication, ({ plugindata }) => subscribe(plugindata?.data?.publishers ?? []));
  const joined = await tell(publication, { request: "join", ptype: "publisher", room, display });
  const sending = create(`${display}-pub`);
  trickle(sending, publication);
  for (const track of stream()?.getTracks() ?? []) {
    const layers = [
      { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 150_000 },
      { rid: "h", maxBitrate: 600_000 },
    ];
    sending.addTransceiver(track, {
      direction: "sendonly",
      ...(track.kind === "video" ? { sendEncodings: layers } : {}),
    });
  }
  await sending.setLocalDescription();
  const { jsep } = await tell(publication, { request: "publish", display }, sending.localDescription);
  if (jsep !== undefined) await sending.setRemoteDescription(jsep);
  subscribe(joined.plugindata?.data?.publishers ?? []);
};
