/** Places of the probabilities that do not belong to a slot. */

/** Another record follows. */
export const cellMore = 0;
/** The stream is the one that followed the last one before. */
export const cellNextStream = 1;
/** An object or array has the members it had, and only such change that did before. */
export const cellUsual = 2;
/** It has the members it had. */
export const cellSameMembers = 3;
/** A member changes that never did. */
export const cellWoken = 4;
/** A value has the form that the last one had. */
export const cellSameForm = 5;
/** A text is the one that a member of that name had. */
export const cellSameText = 6;
/** A name is the one that followed the name before it. */
export const cellNextName = 7;
/** A text is in the dictionary. */
export const cellKnownText = 8;
/** Behind the last member comes a new one. */
export const cellNewMember = 9;
/** A form, by the form that a member of that name had: 16 rows of 16. */
export const cellForms = 10;
/** Length of an integer that has nothing before it: as a tree. */
export const cellFirstLengths: number = cellForms + 256;
/** Of those, all. */
export const cellCount: number = cellFirstLengths + 64;
