/** What is wrong with a declared type; it never leaves `schema/`. */
export class SchemaFaultError extends Error {
  constructor(
    readonly what: string,
    readonly hint: string,
  ) {
    super(what);
  }
}
