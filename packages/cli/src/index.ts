export { analyseFile } from "./report/analyse-file.ts";
