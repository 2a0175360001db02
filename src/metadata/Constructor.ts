/** A class. Its constructor's parameters are the caller's affair, which only `any` can say in a constructor type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Constructor<T = unknown> = new (...args: any[]) => T;
