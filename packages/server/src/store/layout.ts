/** How the tables are laid out: plain on one ClickHouse, replicated and distributed on a cluster. */
export interface StoreLayout {
  /** Name of the cluster as the ClickHouse servers' configuration has it; null for one server. */
  readonly cluster: string | null;
}

/**
 * Statements for a layout, from one statement of a migration with its placeholders:
 *
 * | placeholder                   | one server             | cluster                                                      |
 * | ----------------------------- | ---------------------- | ------------------------------------------------------------ |
 * | `{{table legs}}`              | `legs`                 | the replicated `legs_local`; a CREATE is followed by that of the distributed `legs` |
 * | `{{every legs}}`              | `legs`                 | the statement twice: for `legs_local`, then for `legs`       |
 * | `{{view rollups}}`            | `rollups`              | the same on every server                                     |
 * | `{{engine XMergeTree(…)}}`    | `XMergeTree(…)`        | `ReplicatedXMergeTree(…)`, path and replica by the servers' defaults |
 *
 * @throws Error for a placeholder that is none of these, which is a mistake in a migration.
 */
export function renderStatement(statement: string, { cluster }: StoreLayout): string[] {
  const unknown = statement.replaceAll(placeholders, "").match(/\{\{[^]*?\}\}/);
  if (unknown !== null) throw new Error(`${unknown[0]} is not a placeholder of migrations`);
  if (cluster === null) return [fill(statement, (name) => name, "")];
  const onCluster = ` ON CLUSTER ${quoteText(cluster)}`;
  const local = fill(statement, (name, kind) => (kind === "view" ? name : localTable(name)), onCluster);
  const every = /\{\{every (\w+)\}\}/.test(statement);
  if (every) return [local, fill(statement, (name) => name, onCluster)];
  const created = /^\s*CREATE TABLE IF NOT EXISTS \{\{table (\w+)\}\}/.exec(statement)?.[1];
  if (created === undefined) return [local];
  const shards = /\bsessionId String\b/.test(statement)
    ? "cityHash64(projectId, sessionId)"
    : (/ORDER BY \(?(\w+)/.exec(statement)?.[1] ?? "rand()");
  return [
    local,
    `CREATE TABLE IF NOT EXISTS ${created}${onCluster} AS ${localTable(created)}\n` +
      `ENGINE = Distributed(${quoteText(cluster)}, currentDatabase(), ${quoteText(localTable(created))}, ${shards})`,
  ];
}

/** Where the rows of a table are, for statements that a distributed table does not take (ALTER, DELETE, OPTIMIZE). */
export function storedTable(table: string, { cluster }: StoreLayout): string {
  return cluster === null ? table : `${localTable(table)} ON CLUSTER ${quoteText(cluster)}`;
}

/** Text as a literal of ClickHouse SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

const placeholders = /\{\{(?:(table|every|view) (\w+)|engine (\w*MergeTree)((?:\([^)]*\))?))\}\}/g;

function fill(statement: string, nameOf: (name: string, kind: string) => string, onCluster: string): string {
  return statement.replaceAll(
    placeholders,
    (_, kind: string | undefined, name: string | undefined, engine: string | undefined, list: string) =>
      kind !== undefined && name !== undefined
        ? `${nameOf(name, kind)}${onCluster}`
        : `${onCluster === "" ? "" : "Replicated"}${engine ?? ""}${list}`,
  );
}

function localTable(name: string): string {
  return `${name}_local`;
}
