/**
 * A property of something that was thrown, which may be anything: a getter of it may throw in its turn.
 *
 * @returns `undefined` also where it cannot be read
 */
export function readProperty(thrown: unknown, name: string): unknown {
  try {
    return (thrown as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
