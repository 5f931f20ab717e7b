import { LoginPage } from "../access/login-page.tsx";

export function LoginRoute(): React.ReactNode {
  return <LoginPage />;
}
