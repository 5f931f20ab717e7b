import { tabs, type Tab } from "../url/search.ts";
import type { SessionNote } from "@peerscope/schema/api";
import { admin, hostile, minuteMs, noon, project } from "./data/people.ts";
import { listOf } from "./data/sessions.ts";
import type { RecordingName } from "./data/recordings.ts";
import { value, type FixedAnswers } from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";
import { RecordedView } from "./recorded-view.tsx";

const known: FixedAnswers = {
  me: value(admin),
  project: value(project),
  siblings: value(listOf([])),
};

const note: SessionNote = {
  noteId: "n-1",
  at: noon - 41 * minuteMs,
  text: "The customer called at this moment.\nSee ticket 4711.",
  createdByName: "Ada Admin",
  createdAt: noon - 20 * minuteMs,
  own: true,
};
const notes: Readonly<Record<string, readonly SessionNote[]>> = {
  full: [
    note,
    { ...note, noteId: "n-2", at: note.at + 20_000, text: "Same here", createdByName: "Vera", own: false },
  ],
  empty: [],
  hostile: [
    { ...note, text: hostile.markup, createdByName: hostile.directions },
    { ...note, noteId: "n-2", at: note.at + 5_000, text: hostile.long, createdByName: hostile.long },
  ],
};

const states: readonly { readonly name: string; readonly words: string; readonly of: RecordingName }[] = [
  { name: "full", words: "with everything", of: "loss" },
  { name: "empty", words: "of a session without media", of: "permission-denied" },
  { name: "hostile", words: "with hostile strings", of: "hostile" },
];

function title(tab: Tab): string {
  return `${tab.slice(0, 1).toUpperCase()}${tab.slice(1)}`;
}

/** The parts of a session, each full, empty and with hostile strings. */
export function TabPanels(): React.ReactNode {
  return tabs.flatMap((tab) =>
    states.map(({ name, words, of }) => (
      <Panel
        key={`${tab} ${name}`}
        id={`${tab}-${name}`}
        title={title(tab)}
        state={words}
        page="/sessions/$id"
        answers={{ ...known, notes: value(notes[name] ?? []) }}
      >
        <RecordedView of={of} search={{ tab }} partOnly />
      </Panel>
    )),
  );
}
