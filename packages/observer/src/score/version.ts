/** Version of formulas, constants and pooling of the Experience Score. Changes whenever a number can change. */
export const scoreVersion: string = "1.0.0";
