/**
 * Limits of frame version 1. They bound time and memory of a decoder on hostile bytes; an encoder of this package
 * never writes a frame beyond them. The numbers are ours; docs/reference/wire.md has them as a table.
 */

/** Records in one frame. */
export const maxRecordsPerFrame = 4096;
/** Objects and arrays inside each other, counted from the body of the record. */
export const maxDepth = 16;
/** Members of one object or elements of one array in a record. */
export const maxMembers = 4096;
/** Slots of one object or array: its members, those that have vanished, and those just added. */
export const maxSlotsPerNode = 4 * maxMembers;
/** Slots created since the last keyframe, in all objects together. */
export const maxSlotsSinceKeyframe = 524_288;
/** Slots visited to build the records of one frame: bounds output that grows from state instead of bytes. */
export const maxSlotsPerFrame = 524_288;
/** Bytes of frames since and with the last keyframe: bounds the texts that state can hold. */
export const maxBytesSinceKeyframe = 8_388_608;
/** Strings of the dictionary. */
export const maxDictionaryEntries = 16_384;
/** Length of a string of the dictionary, in UTF-16 units. Longer ones are written in place. */
export const maxDictionaryString = 256;
