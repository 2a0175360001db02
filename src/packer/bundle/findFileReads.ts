import { ancestryOf, type SyntaxNode } from './walkSyntax';

/** A place in a module whose meaning changes when the module becomes part of a bundle. */
export interface FileRead {
  /** UTF-16 offset in the source. */
  readonly offset: number;
  readonly text: string;
  /**
   * - `read`: the path of a file beside the module is made
   * - `require`: `createRequire`, whose modules the bundler cannot see
   * - `computed`: a module whose name is only known when it is loaded
   * - `place`: the place of the module is asked for, to an unknown end
   */
  readonly kind: 'read' | 'require' | 'computed' | 'place';
}

/** What to look for in a source before it is worth parsing. */
export const MAY_READ_FILES = /\b__dirname\b|\b__filename\b|\bimport\s*\.\s*meta\b/;
export const MAY_LOAD_COMPUTED = /\bimport\s*\(|\brequire\s*\(/;

/** Finds statically what a module reads or loads beside itself. Checks for the main module are left alone. */
export function findFileReads(program: SyntaxNode, source: string): readonly FileRead[] {
  const textOf = (node: SyntaxNode): string => source.slice(node.start, node.end);
  const declared = new Set<string>();
  const found: FileRead[] = [];
  for (const path of ancestryOf(program)) {
    const [node, parent] = path as [SyntaxNode, SyntaxNode | undefined];
    if (node.type === 'Identifier' && parent?.type === 'VariableDeclarator' && parent.id === node)
      declared.add(textOf(node));
    const kind = kindOf(path, textOf);
    if (kind !== undefined) found.push({ offset: node.start, text: textOf(node), kind });
  }
  // `const __dirname = dirname(fileURLToPath(import.meta.url))` is reported once, at its source.
  return found.filter(({ text }) => !declared.has(text));
}

function kindOf(
  path: readonly SyntaxNode[],
  textOf: (node: SyntaxNode) => string,
): FileRead['kind'] | undefined {
  const [node, parent, ...rest] = path as [SyntaxNode, ...SyntaxNode[]];
  if (node.type === 'ImportExpression') return isConstant(node.source) ? undefined : 'computed';
  if (node.type === 'CallExpression') {
    const [argument] = node.arguments as readonly unknown[];
    return textOf(node.callee as SyntaxNode) === 'require' && !isConstant(argument) ? 'computed' : undefined;
  }
  const member = moduleMember(node, parent);
  if (member === undefined || parent === undefined || isHarmless(path, textOf)) return undefined;
  if (member === 'resolve') {
    const [argument] = (parent.arguments ?? []) as readonly { value?: unknown }[];
    return String(argument?.value).startsWith('.') ? 'read' : 'place';
  }
  if (member !== 'url') return 'read';
  const call = [parent, ...rest].find(({ type }) => type === 'CallExpression' || type === 'NewExpression');
  const callee = call === undefined ? '' : textOf(call.callee as SyntaxNode);
  if (/\bcreateRequire$/.test(callee)) return 'require';
  return /\b(?:URL|fileURLToPath)$/.test(callee) ? 'read' : 'place';
}

/** `dirname` for `import.meta.dirname` and `__dirname`, and so on; `undefined` for any other node. */
function moduleMember(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (node.type === 'Identifier' && (node.name === '__dirname' || node.name === '__filename')) {
    const isName =
      (parent?.type === 'MemberExpression' && parent.property === node && parent.computed !== true) ||
      (parent?.type === 'Property' && parent.key === node);
    return isName ? undefined : node.name.slice(2);
  }
  if (node.type !== 'MemberExpression' || (node.object as SyntaxNode).type !== 'MetaProperty')
    return undefined;
  const { name, value } = node.property as { name?: unknown; value?: unknown };
  const member = String(name ?? value);
  return ['url', 'dirname', 'filename', 'resolve'].includes(member) ? member : undefined;
}

/** A main check is false in a bundle, as it should be; `entry:` tells Runwright where this very module is. */
function isHarmless(path: readonly SyntaxNode[], textOf: (node: SyntaxNode) => string): boolean {
  return path.some(
    (node, index) =>
      (node.type === 'BinaryExpression' && /\bargv\b|\brequire\.main\b/.test(textOf(node))) ||
      (node.type === 'UnaryExpression' && node.operator === 'typeof' && index === 1) ||
      (node.type === 'Property' && textOf(node.key as SyntaxNode) === 'entry'),
  );
}

function isConstant(node: unknown): boolean {
  const { type, expressions } = (node ?? { type: 'Literal' }) as SyntaxNode & {
    expressions?: readonly unknown[];
  };
  return type === 'Literal' || (type === 'TemplateLiteral' && expressions?.length === 0);
}
