/** Columns of the timeline: names left, drawing, legend right. On a narrow screen they stand above each other. */
export const stackGrid = "grid grid-cols-1 lg:grid-cols-[9.5rem_minmax(0,1fr)_11rem] items-center gap-x-3";
