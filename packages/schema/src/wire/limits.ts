/**
 * Limits of frame version 3. They bound time and memory of a decoder on hostile bytes; an encoder of this package
 * never writes a frame beyond them. The numbers are ours; docs/reference/wire.md has them as a table.
 */

/** Records in one frame. */
export const maxRecordsPerFrame = 4096;
/** Objects and arrays inside each other, counted from the body of the record. */
export const maxDepth = 16;
/** Weight of the records of one frame: their values, also those that did not change, and a sixteenth of the units of new texts. */
export const maxFrameWeight = 524_288;
/** Weight of what came up since the last keyframe: members, streams, and a sixteenth of the units of texts. */
export const maxStateWeight = 1_048_576;
/** Bytes of frames since and with the last keyframe. */
export const maxBytesSinceKeyframe = 8_388_608;
/** Strings of the dictionary. */
export const maxDictionaryEntries = 16_384;
/** Length of a string of the dictionary, in UTF-16 units. Longer ones are written in place. */
export const maxDictionaryString = 256;
/** Integers of a list. */
export const maxListLength = 256;
