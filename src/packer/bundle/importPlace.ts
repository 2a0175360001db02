import { readFileSync } from 'node:fs';
import { findRequests } from './findRequests';
import { location, locationAt } from './location';
import type { SyntaxNode } from './walkSyntax';

/** How modules are read. */
export interface ModuleSyntax {
  /** The text of a module that is not a file. */
  readonly given: (file: string) => string | undefined;
  readonly parse: (file: string, source: string) => SyntaxNode;
}

/** Where a file asks for another module; `undefined` where it copes without. */
export function importPlace(
  importer: string,
  specifier: string,
  { given, parse }: ModuleSyntax,
): string | undefined {
  const source = given(importer) ?? readFileSync(importer, 'utf8');
  const requests = findRequests(parse(importer, source), specifier);
  const needed = requests.find(({ optional }) => !optional);
  if (needed !== undefined) return locationAt(importer, source, needed.offset);
  return requests.length > 0 ? undefined : location(importer);
}
