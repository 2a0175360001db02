import { ancestryOf, type SyntaxNode } from './walkSyntax';

/** One place where a module asks for another one. */
export interface Request {
  /** UTF-16 offset of the specifier in the source. */
  readonly offset: number;
  /** The module copes when the other one is not there: a `try` or a `.catch` is around it. */
  readonly optional: boolean;
}

const REQUESTS = [
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSExternalModuleReference',
  'CallExpression',
];

/** Every place where a module imports or requires a specifier. */
export function findRequests(program: SyntaxNode, specifier: string): readonly Request[] {
  const found: Request[] = [];
  for (const path of ancestryOf(program)) {
    const [node, parent] = path;
    if (node?.type !== 'Literal' || node.value !== specifier || !REQUESTS.includes(parent?.type ?? ''))
      continue;
    const optional = path.some((ancestor, index) => {
      const child = path[index - 1];
      if (ancestor.type === 'TryStatement') return ancestor.block === child;
      return (
        ancestor.type === 'MemberExpression' &&
        child === parent &&
        (ancestor.property as { name?: unknown }).name === 'catch'
      );
    });
    found.push({ offset: node.start, optional });
  }
  return found;
}
