import { CallPage } from "../call/call-page.tsx";

export function CallRoute(): React.ReactNode {
  return <CallPage />;
}
