import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { LogOut } from "lucide-react";
import { announce } from "../frame/announce.tsx";
import { sendJson } from "../queries/fetch-json.ts";
import { meQuery } from "./me.ts";

/** Who is logged in, and the way out. */
export function WhoAmI(): React.ReactNode {
  const me = useQuery(meQuery());
  if (me.data === undefined) return null;
  const { principal } = me.data;
  if (principal === null)
    return (
      <Link to="/login" className="btn mt-3">
        Log in
      </Link>
    );
  if (principal.kind === "local")
    return (
      <div
        className="mt-3"
        title="Only this machine can reach the server. The first user that is made ends it."
      >
        <div className="eyebrow">Access</div>
        <div>No login: this machine only</div>
      </div>
    );
  return (
    <div className="mt-3">
      <div className="eyebrow">Logged in as</div>
      <div className="truncate text-ink" title={principal.name}>
        {principal.name}
      </div>
      <LogOutButton />
    </div>
  );
}

export function LogOutButton(): React.ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const logout = useMutation({
    mutationFn: () => sendJson<null>("POST", "/api/logout"),
    onSuccess: async () => {
      await navigate({ to: "/login" });
      // Nothing of what somebody saw stays for the next one.
      client.clear();
    },
    onError: () => announce("Logging out did not work: the server did not answer"),
  });
  return (
    <button
      type="button"
      className="btn-quiet -ml-1.5"
      disabled={logout.isPending}
      onClick={() => logout.mutate()}
    >
      <LogOut className="size-3.5" aria-hidden />
      Log out
    </button>
  );
}
