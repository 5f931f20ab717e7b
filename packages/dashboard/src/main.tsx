import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./app.css";
import { RequestError } from "./queries/fetch-json.ts";
import { createAppRouter } from "./router.tsx";

// Whoever is not logged in, or not any more, logs in and comes back to the same view.
const onError = (error: Error): void => {
  if (!(error instanceof RequestError) || error.status !== 401 || error.code !== "login-needed") return;
  const { pathname, href } = router.state.location;
  if (pathname !== "/login") void router.navigate({ to: "/login", search: { next: href }, replace: true });
};
const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 1000,
      // The server may be this machine, or lie in its network: whether the browser says "offline" decides nothing. It is asked.
      networkMode: "always",
      // What is refused by its status is refused again.
      retry: (failures, error) =>
        failures < 1 && !(error instanceof RequestError && [401, 403, 404].includes(error.status)),
      refetchOnWindowFocus: true,
    },
  },
});
const router = createAppRouter(queries);

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
