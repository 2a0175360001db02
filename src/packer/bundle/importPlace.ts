import { readFileSync } from 'node:fs';
import { findRequests } from './findRequests';
import { location, locationAt } from './location';
import type { SyntaxNode } from './walkSyntax';

/** Where a file asks for another module; `undefined` where it copes without. */
export function importPlace(
  importer: string,
  specifier: string,
  parse: (file: string, source: string) => SyntaxNode,
): string | undefined {
  const source = readFileSync(importer, 'utf8');
  const requests = findRequests(parse(importer, source), specifier);
  const needed = requests.find(({ optional }) => !optional);
  if (needed !== undefined) return locationAt(importer, source, needed.offset);
  return requests.length > 0 ? undefined : location(importer);
}
