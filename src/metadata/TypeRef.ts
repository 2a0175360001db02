import type { Constructor } from './Constructor';

/**
 * How a user names the type of an input or an output: a class, an array of one (`[Class]`), or a function that returns
 * either, for a class that is declared later in the file or takes part in a cycle.
 */
export type TypeRef = ResolvedTypeRef | (() => ResolvedTypeRef);

export type ResolvedTypeRef = Constructor | readonly [Constructor];
