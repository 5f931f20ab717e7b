import { parseArgs } from "node:util";
import { openAdministration, readServerConfig, type Administration } from "@peerscope/server";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

const roles = ["viewer", "analyst", "admin"] as const;
type Role = (typeof roles)[number];

/** `peerscope admin`: users and tokens by whoever owns the machine, also when nobody can log in. */
export const adminCommand: Command = {
  usage: "admin create <email> | reset-password <email> | list | token <label>",
  summary: "Makes server admins, passwords and API tokens, while the server runs or is stopped.",
  help: [
    "  create <email>           a server admin; the password is asked for, or the first line of standard input",
    "    --name NAME            else the e-mail address",
    "    --no-password          they log in through the identity provider only",
    "  reset-password <email>   a new password; ends their logins, lets a disabled user in again",
    "  list                     users, with what they may do",
    "  token <label>            an API token, shown this once",
    "    --project ID           what it is for, as a viewer; several by repeating",
    "    --role ROLE            viewer, analyst or admin instead, in those projects",
    "    --server-admin         everything",
    "    --days N               until it ends; else never",
    "  --data DIR               data folder; else PEERSCOPE_DATA, else .peerscope",
    "",
    "With PEERSCOPE_SETTINGS_URL it works on that database.",
  ],
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: "string" },
        name: { type: "string" },
        "no-password": { type: "boolean", default: false },
        project: { type: "string", multiple: true, default: [] },
        role: { type: "string" },
        "server-admin": { type: "boolean", default: false },
        days: { type: "string" },
      },
    });
    const [action, subject, ...more] = positionals;
    if (more.length > 0) throw new CliError("usage-invalid", `unexpected "${more[0]}"`);
    const work = actionOf(action, subject, values, terminal);
    const config = readServerConfig({
      ...terminal.env,
      ...(values.data === undefined ? {} : { PEERSCOPE_DATA: values.data }),
    });
    const administration = await openAdministration(config);
    try {
      await work(administration);
      return 0;
    } finally {
      await administration.close();
    }
  },
};

interface AdminOptions {
  readonly name?: string | undefined;
  readonly "no-password": boolean;
  readonly project: readonly string[];
  readonly role?: string | undefined;
  readonly "server-admin": boolean;
  readonly days?: string | undefined;
}

/** Checked before the settings are opened: a mistyped command makes no data folder. */
function actionOf(
  action: string | undefined,
  subject: string | undefined,
  options: AdminOptions,
  terminal: Terminal,
): (administration: Administration) => Promise<void> {
  if (action === "list") {
    if (subject !== undefined) throw new CliError("usage-invalid", `unexpected "${subject}"`);
    return (administration) => list(administration, terminal);
  }
  if (action !== "create" && action !== "reset-password" && action !== "token")
    throw new CliError("usage-invalid", `admin ${action ?? ""}`);
  if (subject === undefined)
    throw new CliError(
      "usage-invalid",
      action === "token" ? "token: no label" : `${action}: no e-mail address`,
    );
  if (action === "token") {
    const about = tokenOf(subject, options);
    return async (administration) => terminal.out(await administration.createToken(about));
  }
  return async (administration) => {
    const isNew = action === "create";
    const password = isNew && options["no-password"] ? null : await terminal.newSecret("password");
    const { email } =
      isNew || password === null
        ? await administration.createAdmin(subject, options.name ?? subject, password)
        : await administration.resetPassword(subject, password);
    terminal.out(isNew ? `${email} is a server admin` : `${email} has a new password`);
  };
}

async function list(administration: Administration, terminal: Terminal): Promise<void> {
  for (const { email, isServerAdmin, roles, passwordHash, disabledAt } of await administration.users()) {
    const given = Object.entries(roles).map(([projectId, role]) => `${projectId}: ${role}`);
    const may = [...(isServerAdmin ? ["server admin"] : []), ...given];
    const notes = [
      may.length === 0 ? "no project" : may.join(", "),
      ...(passwordHash === null ? ["no password"] : []),
      ...(disabledAt === null ? [] : ["disabled"]),
    ];
    terminal.out(`${email}  ${notes.join("; ")}`);
  }
}

function tokenOf(label: string, options: AdminOptions): Parameters<Administration["createToken"]>[0] {
  const role = roles.find((role) => role === (options.role ?? "viewer"));
  if (role === undefined) throw new CliError("usage-invalid", `--role ${options.role}`);
  const days = options.days === undefined ? null : Number(options.days);
  if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= 3_650))
    throw new CliError("usage-invalid", `--days ${options.days}: 1 to 3650`);
  const isServerAdmin = options["server-admin"];
  if (options.project.length === 0 && !isServerAdmin)
    throw new CliError("usage-invalid", "token: name a --project, or --server-admin");
  const given: Record<string, Role> = Object.fromEntries(
    options.project.map((projectId) => [projectId, role]),
  );
  return { label, roles: given, isServerAdmin, expiresInDays: days };
}
