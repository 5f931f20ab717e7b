/** What the example pages take from their address: `?token=pk_…&user=kim`. The dashboard shows the token. */
const address = new URLSearchParams(location.search);

export const settings = {
  /** The Peerscope server. */
  url: address.get("url") ?? "http://127.0.0.1:8080",
  token: address.get("token") ?? "",
  user: address.get("user") ?? "kim",
  call: address.get("call") ?? "stand-up",
  /** Whom to call, where the library calls somebody. */
  callee: address.get("callee") ?? "",
  /** Address of the library's own server, where it needs one. */
  server: address.get("server") ?? "",
  /** What that server wants to be shown, where it wants something. */
  access: address.get("access") ?? "",
};

/** Plays what comes from the other side, under a button that ends the call. */
export function show(media: MediaStream | MediaStreamTrack, hangUp: () => unknown): void {
  const video = document.createElement("video");
  Object.assign(video, { autoplay: true, controls: true, playsInline: true });
  video.srcObject = media instanceof MediaStream ? media : new MediaStream([media]);
  const button = document.createElement("button");
  button.textContent = "Hang up";
  button.addEventListener("click", () => void hangUp());
  document.body.append(video, button);
}
