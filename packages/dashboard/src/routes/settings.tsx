import { SettingsPage } from "../settings/settings-page.tsx";

export function SettingsRoute(): React.ReactNode {
  return <SettingsPage />;
}
