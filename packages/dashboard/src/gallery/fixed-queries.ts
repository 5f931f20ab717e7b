import { QueryClient } from "@tanstack/react-query";
import { RequestError } from "../queries/fetch-json.ts";

/** What a panel gets instead of an answer of the server. */
export type FixedAnswer =
  | { readonly kind: "value"; readonly value: unknown }
  /** Never comes. */
  | { readonly kind: "pending" }
  | { readonly kind: "failed"; readonly error: RequestError }
  /** Came once; the server does not answer any more. */
  | { readonly kind: "offline"; readonly value: unknown };

/**
 * Answers by the first part of the query's key ("sessions"), for the settings by their address ("/api/users"); the most
 * precise of both counts. What is not named is `otherwise`.
 */
export interface FixedAnswers {
  readonly [name: string]: FixedAnswer;
}

export const pending: FixedAnswer = { kind: "pending" };
export const noAnswer: FixedAnswer = {
  kind: "failed",
  error: new RequestError("The server did not answer", 0, null),
};

export function value(given: unknown): FixedAnswer {
  return { kind: "value", value: given };
}

export function offline(given: unknown): FixedAnswer {
  return { kind: "offline", value: given };
}

export function refused(message: string, status: number, code: string | null): FixedAnswer {
  return { kind: "failed", error: new RequestError(message, status, code) };
}

/** All of them, each as if the server had gone after it. */
export function allOffline(answers: FixedAnswers): FixedAnswers {
  return Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      answer.kind === "value" ? offline(answer.value) : answer,
    ]),
  );
}

/** A client whose queries get fixed answers at once and only once, and whose changes are all refused. */
export function createFixedQueries(answers: FixedAnswers, otherwise: FixedAnswer): QueryClient {
  const client = new QueryClient({ defaultOptions: { queries: { networkMode: "always" } } });
  const usualQuery = client.defaultQueryOptions.bind(client);
  client.defaultQueryOptions = (options) => {
    const answer = answerTo(options.queryKey ?? [], answers) ?? otherwise;
    return usualQuery({
      ...options,
      queryFn: () => given(answer),
      ...(answer.kind === "offline" ? { initialData: asCached(options, answer.value) } : {}),
      retry: false,
      refetchInterval: false,
      refetchOnWindowFocus: false,
      staleTime: answer.kind === "offline" ? 0 : Infinity,
    });
  };
  const usualMutation = client.defaultMutationOptions.bind(client);
  client.defaultMutationOptions = (options) => ({
    ...usualMutation(options),
    mutationFn: () => Promise.reject(new RequestError("The gallery changes nothing", 0, null)),
    networkMode: "always",
  });
  return client;
}

function answerTo(key: readonly unknown[], answers: FixedAnswers): FixedAnswer | undefined {
  const [first, second] = key.map(String);
  return answers[second ?? ""] ?? answers[first ?? ""];
}

/** The answers are typed where they are made; here they go to whoever asks. */
function given(answer: FixedAnswer): Promise<never> {
  switch (answer.kind) {
    case "value":
      return Promise.resolve(answer.value as never);
    case "pending":
      return new Promise(() => undefined);
    case "failed":
      return Promise.reject(answer.error);
    case "offline":
      return Promise.reject(new RequestError("The server did not answer", 0, null));
  }
}

/** Lists that grow are kept as pages. */
function asCached(options: object, page: unknown): never {
  return ("initialPageParam" in options ? { pages: [page], pageParams: [null] } : page) as never;
}
