import { ReportPage } from "../session/report/report-page.tsx";

export function ReportRoute(): React.ReactNode {
  return <ReportPage />;
}
