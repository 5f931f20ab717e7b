import { SessionsPage } from "../sessions/sessions-page.tsx";

export function SessionsRoute(): React.ReactNode {
  return <SessionsPage />;
}
