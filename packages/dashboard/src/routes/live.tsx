import { LivePage } from "../live/live-page.tsx";

export function LiveRoute(): React.ReactNode {
  return <LivePage />;
}
