import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import type { Me } from "@peerscope/schema/api";
import { Eye, EyeOff, KeyRound, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Logo } from "../frame/logo.tsx";
import { RequestError, sendJson } from "../queries/fetch-json.ts";
import { pageOfThisServer } from "./login-search.ts";
import { meQuery } from "./me.ts";

const field = "mt-1 h-10 w-full rounded-md border border-line-strong bg-surface px-3 text-sm text-ink";

/** The only page for somebody the server does not know. */
export function LoginPage(): React.ReactNode {
  const me = useQuery(meQuery());
  const router = useRouter();
  const client = useQueryClient();
  const search = useSearch({ from: "/login" });
  const next = pageOfThisServer(search.next);
  const [isShown, setShown] = useState(false);
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Log in – Peerscope";
    email.current?.focus();
  }, []);

  const goOn = (): void => router.history.replace(next);
  const login = useMutation({
    // Read from the fields themselves: a password manager may fill them without any event.
    mutationFn: () =>
      sendJson<Me>("POST", "/api/login", {
        email: email.current?.value ?? "",
        password: password.current?.value ?? "",
      }),
    onSuccess(answer) {
      client.clear();
      client.setQueryData(["me"], answer);
      goOn();
    },
    onError() {
      password.current?.focus();
      password.current?.select();
    },
  });

  const isKnown = me.data?.principal !== undefined && me.data.principal !== null;
  const hasOidc = me.data?.login.oidc === true;
  // While it is not known, and when nobody has one: the server says what is wrong.
  const hasPassword = me.data?.login.password !== false || !hasOidc;
  return (
    <div className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-4 py-10">
      <div className="card p-7">
        <div className="flex items-center gap-2.5">
          <Logo />
          <h1 className="text-lg font-semibold tracking-tight">Log in to Peerscope</h1>
        </div>
        {search.next !== undefined && !isKnown && (
          <p className="mt-2 text-table text-ink-soft">
            You were not logged in, or not any more. You come back to the same page.
          </p>
        )}
        {isKnown && (
          <p className="mt-3 text-table">
            You are logged in as {me.data?.principal?.name}.{" "}
            <button type="button" className="link min-h-6" onClick={goOn}>
              Go on
            </button>
          </p>
        )}
        {me.isError && (
          <p role="alert" className="mt-3 text-table text-poor">
            {me.error.message}.{" "}
            <button type="button" className="link min-h-6" onClick={() => void me.refetch()}>
              Try again
            </button>
          </p>
        )}
        {hasOidc && (
          <a
            href={`/api/login/oidc?next=${encodeURIComponent(next)}`}
            className="btn mt-5 h-10 w-full justify-center"
          >
            <KeyRound className="size-4" aria-hidden />
            Log in with your organisation
          </a>
        )}
        {hasOidc && hasPassword && (
          <p className="my-4 flex items-center gap-3 text-xs text-ink-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or
          </p>
        )}
        {hasPassword && (
          <form
            className={hasOidc ? "grid gap-4" : "mt-5 grid gap-4"}
            onSubmit={(event) => {
              event.preventDefault();
              if (!login.isPending) login.mutate();
            }}
          >
            <label className="text-table font-medium">
              E-mail address
              <input
                ref={email}
                type="email"
                name="email"
                autoComplete="username"
                required
                maxLength={254}
                className={field}
              />
            </label>
            <div>
              <label htmlFor="password" className="text-table font-medium">
                Password
              </label>
              <div className="relative">
                <input
                  ref={password}
                  id="password"
                  type={isShown ? "text" : "password"}
                  name="password"
                  autoComplete="current-password"
                  required
                  maxLength={256}
                  aria-describedby={login.isError ? "login-problem" : undefined}
                  className={`${field} pr-11`}
                />
                <button
                  type="button"
                  className="btn-quiet absolute top-2.5 right-1.5"
                  aria-pressed={isShown}
                  aria-label="Show the password"
                  onClick={() => setShown(!isShown)}
                >
                  {isShown ? (
                    <EyeOff className="size-4" aria-hidden />
                  ) : (
                    <Eye className="size-4" aria-hidden />
                  )}
                </button>
              </div>
            </div>
            {login.isError && (
              <p id="login-problem" role="alert" className="flex items-start gap-1.5 text-table text-poor">
                <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
                <span>{loginProblem(login.error)}</span>
              </p>
            )}
            <button type="submit" className="btn-primary h-10 justify-center" disabled={login.isPending}>
              {login.isPending ? "Checking" : "Log in"}
            </button>
          </form>
        )}
        {me.data !== undefined && !me.data.login.password && !hasOidc && !isKnown && (
          <p className="mt-4 text-xs text-ink-soft">
            Nobody has a password yet. Whoever runs the server makes the first user with{" "}
            <code className="font-mono">peerscope admin create</code>.
          </p>
        )}
      </div>
    </div>
  );
}

function loginProblem(error: Error): string {
  if (error instanceof RequestError && error.code === "login-throttled")
    return "Too many logins failed. Wait a little, then try again.";
  return error.message;
}
