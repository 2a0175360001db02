/** The classes that a class is made of, base first, itself last. */
export function classChain(runnerClass: object): readonly object[] {
  const chain: object[] = [];
  for (
    let current: unknown = runnerClass;
    typeof current === 'function' && current !== Function.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    chain.unshift(current);
  }
  return chain;
}
