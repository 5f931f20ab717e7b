/** Version of the frames written by this release. A reader refuses any other. */
export const wireVersion = 3;
