import { useSearch } from "@tanstack/react-router";

/** Id of the project in the URL; undefined means the first that one may see. */
export function useProject(): string | undefined {
  return useSearch({ strict: false }).project;
}
