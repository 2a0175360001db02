/** A JSON Schema, draft 2020-12. */
export type JsonSchema = { readonly [key: string]: unknown };
