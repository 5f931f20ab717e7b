import { Volume2, VolumeX } from "lucide-react";
import { useEffect, useRef, useState, type ReactElement } from "react";
import type { CallFigures } from "./call/call-figures.ts";

/** What one end sees, and its own figures. Silent until the visitor asks for sound. */
export function ParticipantTile(props: {
  readonly id: string;
  readonly title: string;
  readonly received: MediaStream | null;
  readonly figures: CallFigures;
}): ReactElement {
  const { id, title, received, figures } = props;
  const video = useRef<HTMLVideoElement>(null);
  const [audible, setAudible] = useState(false);
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = received;
  }, [received]);
  return (
    <figure className="overflow-hidden card" data-testid={`tile-${id}`}>
      <div className="relative aspect-video bg-black">
        {/* Live media has no captions to offer. */}
        <video ref={video} className="size-full object-cover" autoPlay playsInline muted={!audible} />
        <button
          type="button"
          className="absolute right-2 bottom-2 flex h-8 items-center gap-1.5 rounded-md bg-black/65 px-2.5 text-xs text-white hover:bg-black/85"
          onClick={() => setAudible(!audible)}
          disabled={received === null}
          aria-pressed={audible}
          data-testid={`sound-${id}`}
        >
          {audible ? <Volume2 size={14} aria-hidden /> : <VolumeX size={14} aria-hidden />}
          {audible ? "Sound on" : "Sound off"}
        </button>
      </div>
      <figcaption className="px-3 py-2">
        <p className="font-medium">{title}</p>
        <dl className="mt-1 grid grid-cols-4 gap-2 text-xs tabular-nums">
          <Figure name="sends" value={bitrate(figures.sendBps)} />
          <Figure name="receives" value={bitrate(figures.receiveBps)} />
          <Figure name="picture" value={unit(figures.framesPerSecond, "frames/s")} />
          <Figure
            name="size"
            value={figures.frameWidth === null ? "–" : `${figures.frameWidth}x${figures.frameHeight ?? "?"}`}
          />
        </dl>
      </figcaption>
    </figure>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div>
      <dt className="text-ink-soft">{name}</dt>
      <dd className="whitespace-nowrap">{value}</dd>
    </div>
  );
}

function bitrate(bps: number | null): string {
  return unit(bps === null ? null : bps / 1000, "kbit/s");
}

function unit(value: number | null, name: string): string {
  return value === null ? "–" : `${value.toFixed(0)} ${name}`;
}
