import { DumpPage } from "../session/dump-page.tsx";

export function DumpRoute(): React.ReactNode {
  return <DumpPage />;
}
