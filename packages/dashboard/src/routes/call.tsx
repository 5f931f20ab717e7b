import { CallPage } from "../session/call-page.tsx";

export function CallRoute(): React.ReactNode {
  return <CallPage />;
}
