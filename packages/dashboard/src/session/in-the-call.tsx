import type { SessionAnalysis } from "@peerscope/schema";
import { Link } from "@tanstack/react-router";
import { MicOff, Users } from "lucide-react";
import { microphoneWords, type CallSide, type SilentMicrophone } from "./call-side.ts";
import { useSession, useTimeWords } from "./context.tsx";

interface Props {
  readonly analysis: SessionAnalysis;
  readonly side: CallSide;
}

/** What this session alone does not show: whose it was, and who could not be heard by choice. */
export function InTheCall({ analysis, side: { told, microphones } }: Props): React.ReactNode {
  const { store } = useSession();
  if (told === null && microphones.length === 0) return null;
  return (
    <ul
      className="mt-3 flex max-w-3xl flex-col gap-2 border-l-2 border-accent pl-3"
      aria-label="In the call"
      data-testid="in-the-call"
    >
      {told !== null && (
        <li className="flex gap-2">
          <Users className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
          <p className="wrap-anywhere">
            <span className="font-semibold">Seen from the whole call: </span>
            {told.headline} <span className="text-ink-soft">{told.advice}</span>{" "}
            {analysis.callId !== null && store.from === "server" && (
              <Link to="/calls/$id" params={{ id: analysis.callId }} className="link print:hidden">
                Open the call
              </Link>
            )}
          </p>
        </li>
      )}
      {microphones.map((microphone) => (
        <MicrophoneLine key={microphone.sessionId} microphone={microphone} end={analysis.end} />
      ))}
    </ul>
  );
}

interface LineProps {
  readonly microphone: SilentMicrophone;
  readonly end: number;
}

/** "anna's microphone was switched off from 00:10 to 00:25 (0:15): nobody could hear them then." */
function MicrophoneLine({ microphone, end }: LineProps): React.ReactNode {
  const words = useTimeWords();
  const { what, meaning } = microphoneWords(microphone, end, words);
  return (
    <li className="flex gap-2">
      <MicOff className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
      <p className="wrap-anywhere">
        {microphone.name === null ? "A microphone in this call" : <Possessive name={microphone.name} />}{" "}
        {what} <span className="text-ink-soft">{meaning}</span>
      </p>
    </li>
  );
}

/** The name of somebody who may write in another direction than this sentence. */
function Possessive({ name }: { readonly name: string }): React.ReactNode {
  return (
    <>
      <bdi className="font-semibold">{name}</bdi>’s microphone
    </>
  );
}
