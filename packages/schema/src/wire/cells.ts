/** Places of the probabilities that do not belong to a slot. Those of slots follow, in the order in which they came up. */

/** Another record follows. */
export const cellMore = 0;
/** The stream is the one that followed the last one before. */
export const cellNextStream = 1;
/** An object or array has the members it had. */
export const cellSameMembers = 2;
/** A member changes that never did. */
export const cellWoken = 3;
/** A value has the form that the last one had. */
export const cellSameForm = 4;
/** A text is the one that a member of that name had. */
export const cellSameText = 5;
/** A name is the one that followed the name before it. */
export const cellNextName = 6;
/** A text is in the dictionary. */
export const cellKnownText = 7;
/** Sign of an integer after a positive, and after a negative one. */
export const cellSign = 8;
/** Second bit of the magnitude of an integer, by its length. */
export const cellSecondBit = 10;
/** A form, by the form that a member of that name had: 16 rows of 16. */
export const cellForms = 65;
/** Length of an integer that has nothing before it: as a tree. */
export const cellFirstLengths: number = cellForms + 256;
/** How far the length of an integer is from that of the last ones: rows of 16, one for each length. */
export const cellLengths: number = cellFirstLengths + 64;
/** Row of an integer that has nothing before it. */
export const freshRow = 55;
/** The first cell of a slot. */
export const firstSlotCell: number = cellLengths + freshRow * 16;
