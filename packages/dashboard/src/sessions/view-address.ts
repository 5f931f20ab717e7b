/** The address of a view with its project: without one it would show the first project of whoever opens it. */
export function withProject(href: string, projectId: string): string {
  const [path = "", query = ""] = href.split("?", 2);
  const params = new URLSearchParams(query);
  // One that is named already is the answer: it may be another one.
  const project = params.get("project") ?? projectId;
  params.delete("project");
  params.set("project", project);
  return `${path}?${params.toString()}`;
}
