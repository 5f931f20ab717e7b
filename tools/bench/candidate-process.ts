/** One candidate of a benchmark in a process of its own. See in-turn.ts. */

/** Prepares what a pass needs, and gives the pass. */
export type Candidate = () => (() => unknown) | Promise<() => unknown>;

const modules = {
  observer: async () => (await import("./observer.ts")).candidates,
  wire: async () => (await import("./wire.ts")).candidates,
} satisfies Record<string, () => Promise<Readonly<Record<string, Candidate>>>>;
export type CandidateModule = keyof typeof modules;

const isModule = (name: string): name is CandidateModule => Object.hasOwn(modules, name);

const [, , module = "", name = ""] = process.argv;
if (!isModule(module)) throw new Error(`There is no benchmark ${module} with candidates.`);
const candidates: Readonly<Record<string, Candidate>> = await modules[module]();
const pass = await candidates[name]?.();
if (pass === undefined) throw new Error(`${module} has no candidate ${name}.`);
process.on("message", () => {
  const before = process.cpuUsage();
  pass();
  const { user, system } = process.cpuUsage(before);
  process.send?.((user + system) / 1e6);
});
process.send?.(0);
