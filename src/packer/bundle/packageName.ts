/** `@scope/name` or `name` of a bare specifier; `undefined` for a path, a URL, a `#import`, or what no package is called. */
export function packageName(specifier: string): string | undefined {
  return /^(?:@[\w~-][\w.~-]*\/)?[\w-][\w.~-]*(?=\/|$)/.exec(specifier)?.[0];
}
