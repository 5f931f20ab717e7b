import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DCLinter } from "dclint";
import { validate as validateDockerfile } from "dockerfile-utils";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readServerConfig } from "../packages/server/src/config.ts";
import { findDebianTool } from "../packages/server/src/operations/testing/debian-tool.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
let folder = "";

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "peerscope-deploy-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What of dclint's findings is used: its own types need an older module resolution. */
interface ComposeMessage {
  readonly type: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** What a program says of a file, and its exit code. */
function run(command: string, ...args: string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", cwd: folder });
  return { status, said: error?.message ?? stdout + stderr };
}

/** Names of variables that the server reads. */
function serverVariables(text: string): string[] {
  return [...new Set(text.match(/\bPEERSCOPE_[A-Z_]+\b/g))];
}

describe("deploy/", () => {
  it("names no variable that the server does not read", () => {
    const known = new Set(serverVariables(read("packages/server/src/config.ts")));
    const files = readdirSync(join(root, "deploy"), { recursive: true, encoding: "utf8" }).filter(
      (path) => /\./.test(path) || path.endsWith("Dockerfile"),
    );
    for (const file of files)
      for (const name of serverVariables(read(join("deploy", file))))
        expect([file, known.has(name)]).toEqual([file, true]);
  });

  describe("Dockerfile", () => {
    const text = read("deploy/Dockerfile");

    it("is one", () => {
      expect(validateDockerfile(text).map(({ message, range }) => [range.start.line + 1, message])).toEqual(
        [],
      );
    });

    it("copies files that exist, and runs as nobody special", () => {
      const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
        (files ?? "").split(" "),
      );
      expect(copied.length).toBeGreaterThan(3);
      for (const file of copied) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
      expect(text.slice(text.lastIndexOf("FROM"))).toMatch(/^USER node$/m);
      expect(text).toMatch(/^HEALTHCHECK /m);
    });

    it("has what the command needs at run time, and removes no more than it does not", () => {
      const cli = JSON.parse(read("packages/cli/package.json")) as { dependencies: Record<string, string> };
      const removed = /rm -rf packages\/\*\/src (.+)$/m.exec(text)?.[1]?.split(" ") ?? [];
      expect(removed.length).toBeGreaterThan(0);
      for (const name of removed)
        expect(Object.keys(cli.dependencies)).not.toContain(name.replace("packages/", "@peerscope/"));
    });
  });

  describe("compose.yaml", () => {
    const text = read("deploy/compose.yaml");

    it("keeps Compose's schema", () => {
      writeFileSync(join(folder, "compose.yaml"), text);
      const rules = {
        "no-build-and-image": 0,
        "services-alphabetical-order": 0,
        "service-keys-order": 0,
      } as const;
      const [result] = new DCLinter({
        rules,
        quiet: false,
        debug: false,
        exclude: [],
        stopOnError: false,
      }).lintFiles([join(folder, "compose.yaml")], false);
      const messages: readonly ComposeMessage[] = result?.messages ?? [];
      const errors = messages.filter(({ type }) => type === "error");
      expect(errors.map(({ line, rule, message }) => `${line} ${rule}: ${message}`)).toEqual([]);
    });

    it("gives the server values that it takes", () => {
      const compose = parse(text) as {
        services: Record<string, { environment?: Record<string, string>; volumes?: string[] }>;
        volumes: Record<string, unknown>;
      };
      const given = compose.services["peerscope"]?.environment ?? {};
      const filled = Object.entries(given).map(([name, value]) => [name, filledIn(value)]);
      const config = readServerConfig(Object.fromEntries(filled) as Record<string, string>);
      expect(config.archive).toMatchObject({ kind: "s3", endpoint: "http://s3:8333" });
      expect(config.settingsUrl).toContain("@postgres:5432");
      const volumes = Object.values(compose.services).flatMap((service) => service.volumes ?? []);
      expect(new Set(volumes.map((volume) => volume.split(":")[0]))).toEqual(
        new Set(Object.keys(compose.volumes)),
      );
    });
  });

  /** What Compose makes of `${NAME:?…}` and `${NAME:-}`. */
  function filledIn(value: string): string {
    return value
      .replaceAll(/\$\{PEERSCOPE_PUBLIC_URL:\?[^}]*\}/g, "https://calls.example.org")
      .replaceAll(/\$\{\w+:\?[^}]*\}/g, "secret")
      .replaceAll(/\$\{\w+:-\}/g, "");
  }

  describe("kubernetes", () => {
    const objects = parseAllDocuments(read("deploy/kubernetes/peerscope.yaml")).map(
      (document) => document.toJS() as { kind: string },
    );
    /** Where the types of each kind are. */
    const modules: Readonly<Record<string, string>> = {
      ServiceAccount: "v1",
      ConfigMap: "v1",
      Service: "v1",
      StatefulSet: "apps/v1",
      Ingress: "networking.k8s.io/v1",
    };

    /** What the compiler says of the objects as literals of Kubernetes' types: unlike a schema, it knows no further members. */
    function problemsOf(given: readonly { readonly kind: string }[]): string[] {
      const file = join(root, "tools", "manifests-as-types.ts");
      const text = given
        .map(({ kind }, index) => {
          const type = `import("kubernetes-models/${modules[kind]}").I${kind}`;
          return `export const object${index}: ${type} = ${JSON.stringify(given[index])};`;
        })
        .join("\n");
      const options: ts.CompilerOptions = {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: [],
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
      };
      const host = ts.createCompilerHost(options);
      const program = ts.createProgram([file], options, {
        ...host,
        fileExists: (path) => path === file || host.fileExists(path),
        getSourceFile: (path, ...rest) =>
          path === file
            ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
            : host.getSourceFile(path, ...rest),
      });
      return ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    }

    it("has the members that Kubernetes knows, with values of their types", { timeout: 60_000 }, () => {
      expect(objects.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(modules).toSorted());
      expect(problemsOf(objects)).toEqual([]);
      // It would find what is misspelt.
      const set = objects.find(({ kind }) => kind === "StatefulSet") as { kind: string; spec: object };
      const [problem] = problemsOf([{ ...set, spec: { ...set.spec, serviceNames: "x" } } as typeof set]);
      expect(problem).toContain("serviceNames");
    });

    it("gives the server values that it takes", () => {
      const map = objects.find(({ kind }) => kind === "ConfigMap") as unknown as {
        data: Record<string, string>;
      };
      expect(readServerConfig(map.data).publicUrl?.protocol).toBe("https:");
    });
  });

  it("systemd takes the unit", () => {
    if (run("systemd-analyze", "--version").status !== 0) findDebianTool("systemd-analyze", "systemd");
    const unit = join(folder, "peerscope.service");
    // The programs are where this machine has them.
    const text = read("deploy/systemd/peerscope.service").replaceAll("/usr/bin/node", process.execPath);
    writeFileSync(unit, text.replaceAll(/^(User|Group)=peerscope$/gm, "$1=root"));
    const { said } = run("systemd-analyze", "verify", "--man=no", unit);
    expect(said.split("\n").filter((line) => line.includes("peerscope.service"))).toEqual([]);
    writeFileSync(unit, text.replace("ProtectSystem=strict", "ProtectSystem=stricter"));
    expect(run("systemd-analyze", "verify", "--man=no", unit).said).toContain("stricter");
  });

  it("nginx takes its file", () => {
    const nginx = findDebianTool("nginx", "nginx");
    mkdirSync(join(folder, "nginx"));
    const made = run(
      "openssl",
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x".split(" "),
      "-keyout",
      join(folder, "key.pem"),
      "-out",
      join(folder, "cert.pem"),
    );
    expect(made.status).toBe(0);
    const site = read("deploy/proxy/nginx.conf")
      .replace(/ssl_certificate .*;/, `ssl_certificate ${folder}/cert.pem;`)
      .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${folder}/key.pem;`);
    writeFileSync(join(folder, "site.conf"), site);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${folder}/nginx/${name};`)
      .join(" ");
    writeFileSync(
      join(folder, "nginx.conf"),
      `pid ${folder}/nginx.pid; events {} http { ${temporary} access_log off; include ${folder}/site.conf; }`,
    );
    const { status, said } = run(
      nginx,
      "-t",
      "-e",
      join(folder, "error.log"),
      "-c",
      join(folder, "nginx.conf"),
    );
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining("test is successful") });
    expect(said).not.toContain("[warn]");
  });

  it("Caddy takes its file", () => {
    const caddy = findDebianTool("caddy", "caddy");
    const { status, said } = run(
      caddy,
      "validate",
      "--adapter",
      "caddyfile",
      "--config",
      join(root, "deploy/proxy/Caddyfile"),
    );
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining("Valid configuration") });
  });

  describe("prometheus", () => {
    it("takes configuration and alerts", () => {
      const promtool = findDebianTool("promtool", "prometheus");
      for (const name of ["prometheus.yaml", "alerts.yaml"])
        writeFileSync(
          join(folder, name),
          read(`deploy/prometheus/${name}`).replace("/etc/prometheus/peerscope-token", join(folder, "token")),
        );
      writeFileSync(join(folder, "token"), "secret");
      const { status, said } = run(promtool, "check", "config", join(folder, "prometheus.yaml"));
      expect({ status, said }).toEqual({
        status: 0,
        said: expect.stringContaining("SUCCESS: 8 rules found"),
      });
    });

    it("every metric in an alert is one of the server's", () => {
      const names = read("deploy/prometheus/alerts.yaml").match(/\bpeerscope_\w+/g) ?? [];
      const known = new Set(read("docs/reference/server.md").match(/\bpeerscope_\w+/g));
      expect(names.length).toBeGreaterThan(5);
      for (const name of names) expect([name, known.has(name.replace(/_bucket$/, ""))]).toEqual([name, true]);
    });
  });
});
