import { sections, type SectionId } from "../settings/sections.ts";
import { SettingsPage } from "../settings/settings-page.tsx";
import { admin, arrived, health, nobody, project, refusals, viewer } from "./data/people.ts";
import {
  audit,
  hostileKeys,
  hostileMembers,
  hostileProjects,
  hostileUsers,
  keys,
  members,
  ownProject,
  projects,
  ready,
  tokens,
  unwell,
  users,
} from "./data/settings.ts";
import {
  allOffline,
  noAnswer,
  offline,
  value,
  type FixedAnswer,
  type FixedAnswers,
} from "./fixed-queries.ts";
import { Panel } from "./panel.tsx";

const below = "/api/projects/default";
const full: FixedAnswers = {
  me: value(admin),
  project: value(project),
  health: value(health),
  "first-sample": value({ ...arrived, refusals }),
  [below]: value(ownProject),
  [`${below}/keys`]: value(keys),
  [`${below}/members`]: value(members),
  [`${below}/audit`]: value(audit),
  "/api/projects": value(projects),
  "/api/users": value(users),
  "/api/tokens": value(tokens),
  "/readyz": value(ready),
};
const failed: FixedAnswers = { me: value(admin) };

interface State {
  readonly section: SectionId;
  readonly name: string;
  readonly words: string;
  readonly answers: FixedAnswers;
  readonly otherwise?: FixedAnswer;
}

const states: readonly State[] = [
  {
    section: "keys",
    name: "empty",
    words: "without a key",
    answers: { ...full, [`${below}/keys`]: value({ keys: [] }) },
  },
  {
    section: "keys",
    name: "hostile",
    words: "with hostile names",
    answers: { ...full, [`${below}/keys`]: value(hostileKeys) },
  },
  { section: "keys", name: "loading", words: "while it loads", answers: failed },
  {
    section: "keys",
    name: "failed",
    words: "that could not be loaded",
    answers: failed,
    otherwise: noAnswer,
  },
  { section: "keys", name: "offline", words: "after the server has gone", answers: allOffline(full) },
  {
    section: "keys",
    name: "viewer",
    words: "for somebody who may not",
    answers: { ...full, me: value(viewer) },
  },
  {
    section: "keys",
    name: "nobody",
    words: "for somebody who is not logged in",
    answers: { me: value(nobody) },
  },
  {
    section: "members",
    name: "empty",
    words: "without anybody",
    answers: { ...full, [`${below}/members`]: value({ members: [] }) },
  },
  {
    section: "members",
    name: "hostile",
    words: "with hostile names",
    answers: { ...full, [`${below}/members`]: value(hostileMembers) },
  },
  {
    section: "audit",
    name: "empty",
    words: "without an entry",
    answers: { ...full, [`${below}/audit`]: value({ entries: [], nextCursor: null }) },
  },
  {
    section: "projects",
    name: "hostile",
    words: "with hostile names",
    answers: { ...full, "/api/projects": value(hostileProjects) },
  },
  {
    section: "users",
    name: "empty",
    words: "without anybody",
    answers: { ...full, "/api/users": value({ users: [] }) },
  },
  {
    section: "users",
    name: "hostile",
    words: "with hostile names",
    answers: { ...full, "/api/users": value(hostileUsers) },
  },
  {
    section: "account",
    name: "empty",
    words: "without a token",
    answers: { ...full, "/api/tokens": value({ tokens: [] }) },
  },
  {
    section: "health",
    name: "unwell",
    words: "of a server in need",
    answers: { ...full, "/readyz": value(unwell) },
  },
  {
    section: "health",
    name: "offline",
    words: "of a server that has gone",
    answers: { ...full, "/readyz": offline(ready) },
  },
];

function titleOf(id: SectionId): string {
  return `Settings: ${sections.find((section) => section.id === id)?.title ?? id}`;
}

/** Every page of the settings, and what else may be there. */
export function SettingsPanels(): React.ReactNode {
  const all: readonly State[] = [
    ...sections.map(({ id }) => ({
      section: id,
      name: "full",
      words: "with one of each kind",
      answers: full,
    })),
    ...states,
  ];
  return all.map(({ section, name, words, answers, otherwise }) => (
    <Panel
      key={`${section} ${name}`}
      id={`settings-${section}-${name}`}
      title={titleOf(section)}
      state={words}
      page="/settings/$section"
      at={`/settings/${section}`}
      answers={answers}
      {...(otherwise === undefined ? {} : { otherwise })}
    >
      <SettingsPage />
    </Panel>
  ));
}
