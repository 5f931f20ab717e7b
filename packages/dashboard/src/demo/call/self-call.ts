/** Two ends of one call in one page: Ana calls Ben, both send sound and picture. */
export interface SelfCall {
  readonly ana: CallEnd;
  readonly ben: CallEnd;
  close(): void;
}

export interface CallEnd {
  readonly connection: RTCPeerConnection;
  /** What arrives here. */
  readonly received: MediaStream;
}

/**
 * Connects the two. No STUN or TURN server is needed: both ends are on this machine.
 * `prepareSender` sees each of Ana's senders before the first frame goes out.
 */
export async function connectSelfCall(options: {
  readonly anaMedia: MediaStream;
  readonly benMedia: MediaStream;
  readonly configuration?: RTCConfiguration;
  readonly prepareSender?: (sender: RTCRtpSender, kind: "audio" | "video") => void;
}): Promise<SelfCall> {
  const ana = createEnd(options.configuration);
  const ben = createEnd();
  forwardCandidates(ana.connection, ben.connection);
  forwardCandidates(ben.connection, ana.connection);
  for (const track of options.anaMedia.getTracks()) {
    const sender = ana.connection.addTrack(track, options.anaMedia);
    options.prepareSender?.(sender, track.kind === "audio" ? "audio" : "video");
  }
  for (const track of options.benMedia.getTracks()) ben.connection.addTrack(track, options.benMedia);

  const offer = await ana.connection.createOffer();
  await ana.connection.setLocalDescription(offer);
  await ben.connection.setRemoteDescription(offer);
  const answer = await ben.connection.createAnswer();
  await ben.connection.setLocalDescription(answer);
  await ana.connection.setRemoteDescription(answer);
  return {
    ana,
    ben,
    close() {
      ana.connection.close();
      ben.connection.close();
    },
  };
}

function createEnd(configuration?: RTCConfiguration): CallEnd {
  const connection = new RTCPeerConnection(configuration);
  const received = new MediaStream();
  connection.addEventListener("track", ({ track }) => received.addTrack(track));
  return { connection, received };
}

function forwardCandidates(from: RTCPeerConnection, to: RTCPeerConnection): void {
  const waiting: RTCIceCandidate[] = [];
  from.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate === null) return;
    // A candidate may be found before the other end knows the description it belongs to.
    if (to.remoteDescription === null) waiting.push(candidate);
    else void to.addIceCandidate(candidate);
  });
  to.addEventListener("signalingstatechange", () => {
    if (to.remoteDescription === null) return;
    for (const candidate of waiting.splice(0)) void to.addIceCandidate(candidate);
  });
}
