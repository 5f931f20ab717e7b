import { sessionListSchema, type SessionSummary } from "@peerscope/schema/api";
import type { PeerscopeProcess } from "../support/peerscope.ts";

/**
 * The recorded calls that a first start brings along, worst first. They are imported one by one while the server
 * already answers. Throws when there are none within 60 s.
 */
export async function recordedCalls(server: PeerscopeProcess): Promise<readonly SessionSummary[]> {
  const deadline = performance.now() + 60_000;
  for (let before = -1; ;) {
    const answer = await fetch(`${server.url}/api/sessions?limit=500&sort=worst`);
    if (answer.ok) {
      const { sessions } = sessionListSchema.parse(await answer.json());
      if (sessions.length > 0 && sessions.length === before) return sessions;
      before = sessions.length;
    }
    if (performance.now() > deadline)
      throw new Error(`No recorded calls after 60 s: ${answer.status}\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
