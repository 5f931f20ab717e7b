import { HomePage } from "../first-run/home-page.tsx";

export function HomeRoute(): React.ReactNode {
  return <HomePage />;
}
