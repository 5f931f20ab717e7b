// @ts-check
// `npm run goldens`: takes the pictures of the dashboard again and keeps those that differ. See docs/tasks/change-the-dashboard.md.
process.env["GOLDENS"] = "renew";
process.argv.push("--project", "e2e", "e2e/dashboard/gallery.test.ts", "e2e/dashboard/goldens.test.ts");
await import("./test.mjs");
