import { queryOptions, type UseQueryOptions } from "@tanstack/react-query";
import type { SessionList, SessionSummary } from "@peerscope/schema/api";
import { firstReportTag, nearReportCodes, reportCodeIn, toReportCode } from "../url/report-code.ts";
import { fetchJson } from "./fetch-json.ts";
import { filterParams } from "./sessions.ts";

/** A session in which the user was given a code. */
export interface ReportedSession {
  readonly code: string;
  readonly session: SessionSummary;
}

/** Sessions in which a code was given: nearly always one. Rejects as `fetchJson` does. */
export async function sessionsOfCode(code: string, project: string | undefined): Promise<ReportedSession[]> {
  const wanted = toReportCode(code);
  return ask(filterParams({ q: wanted, project }), [wanted]);
}

async function ask(
  params: URLSearchParams,
  codes: readonly string[],
  signal?: AbortSignal,
): Promise<ReportedSession[]> {
  params.set("limit", "20");
  const { sessions } = await fetchJson<SessionList>(`/api/sessions?${params.toString()}`, signal);
  return sessions.flatMap((session) => {
    const found = reportCodeIn(session.tags, codes);
    return found === null ? [] : [{ code: found, session }];
  });
}

/** Sessions whose first report has a code that differs in one character, newest first. */
export function nearCodesQuery(
  code: string,
  project: string | undefined,
): UseQueryOptions<ReportedSession[], Error, ReportedSession[], readonly ["near-codes", string, string]> {
  return queryOptions({
    queryKey: ["near-codes", code, project ?? ""] as const,
    queryFn: ({ signal }) => {
      const codes = nearReportCodes(code);
      const filter = `tag:${codes.map((near) => `${firstReportTag}=${near}`).join(",")}`;
      return ask(filterParams({ filter, project }), codes, signal);
    },
    staleTime: 30_000,
    retry: false,
  });
}
