import { createServer, type Server } from "node:http";
import { Provider } from "oidc-provider";

/** An identity provider in this process. Whoever logs in there says who they are. */
export interface IdentityProvider {
  readonly issuer: URL;
  /**
   * Goes through the provider's pages as a person does, from the address that the server sent the browser to.
   * @returns the address that the provider sends the browser back to.
   */
  logIn(url: URL, login: string): Promise<URL>;
  stop(): Promise<void>;
}

export const clientId = "peerscope";
export const clientSecret = "a secret of the client, long enough for it";

interface Claims {
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
}

/** @param people what the provider says of each login. */
export async function startIdentityProvider(
  redirectUrl: string,
  people: Readonly<Record<string, Claims>>,
): Promise<IdentityProvider> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const issuer = new URL(`http://127.0.0.1:${port}`);
  const provider = new Provider(issuer.origin, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUrl],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    cookies: { keys: ["keys of a test"] },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, ...people[accountId] }),
    }),
  });
  const answer = provider.callback();
  server.on("request", (request, response) => void answer(request, response));

  return {
    issuer,
    async logIn(url, login) {
      const cookies = new Map<string, string>();
      const go = async (at: URL, body?: URLSearchParams): Promise<{ at: URL; html: string }> => {
        if (at.origin !== issuer.origin) return { at, html: "" };
        const answer = await fetch(at, {
          redirect: "manual",
          headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
          ...(body === undefined ? {} : { method: "POST", body }),
        });
        for (const line of answer.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          if (value === "") cookies.delete(name);
          else cookies.set(name, value);
        }
        const next = answer.headers.get("location");
        const html = await answer.text();
        return next === null ? { at, html } : go(new URL(next, at));
      };
      let page = await go(url);
      for (let steps = 0; page.at.origin === issuer.origin && steps < 5; steps += 1) {
        const prompt = /name="prompt" value="(\w+)"/.exec(page.html)?.[1];
        const action = /action="([^"]+)"/.exec(page.html)?.[1];
        if (prompt === undefined || action === undefined)
          throw new Error(`no form: ${page.html.slice(0, 2_000)}`);
        page = await go(new URL(action, page.at), new URLSearchParams({ prompt, login, password: "x" }));
      }
      return page.at;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
