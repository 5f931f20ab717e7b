/** A JSON value. What records carry besides their fixed members. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object. Members are read with brackets: their names come from a browser or an app. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}
