/** Folder, in place of a day, of recordings that ship with the product. */
export const samplesFolder = "samples";

/** Path of a log below the logs folder: project, day of its start (UTC) and session id. */
export function logPath(projectId: string, sessionId: string, createdAt: number, sample = false): string {
  return `${projectId}/${sample ? samplesFolder : logDay(createdAt)}/${sessionId}.pslog`;
}

/** Day (UTC) that a log lies under. */
export function logDay(createdAt: number): string {
  return new Date(createdAt).toISOString().slice(0, 10);
}

/** Id of the project whose folder a log lies in. */
export function projectOfLog(file: string): string {
  return file.split("/", 1)[0] ?? "";
}

/** True for a log in the folder of shipped recordings. */
export function isSampleLog(file: string): boolean {
  return file.split("/")[1] === samplesFolder;
}
