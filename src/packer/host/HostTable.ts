/** What a loaded package gets from the process that loads it. */
export interface Host {
  /** One copy for the whole process of a module that holds metadata. */
  require(name: string): unknown;
}

/** The key of the table on `globalThis`: registered, so that all copies of Runwright share one table. */
export const HOST_KEY = 'runwright.host';

/** Name of the query parameter that tells a bundle which host it asks. */
export const HOST_PARAMETER = 'host';

export type HostTable = Map<string, Host>;

export function hostTable(): HostTable {
  const scope = globalThis as { [key: symbol]: HostTable | undefined };
  return (scope[Symbol.for(HOST_KEY)] ??= new Map<string, Host>());
}
