import { ComparePage } from "../compare/compare-page.tsx";

export function CompareRoute(): React.ReactNode {
  return <ComparePage />;
}
