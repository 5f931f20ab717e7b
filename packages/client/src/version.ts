/** Version of this package, as package.json has it; a test compares both. */
export const sdkVersion = "0.1.0";
