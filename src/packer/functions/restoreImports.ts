import { ancestryOf, type SyntaxNode } from '../bundle/walkSyntax';

const INTEROP = /^(?:__importStar|__importDefault|__toESM|_interop_?require_?wildcard)$/i;
const VITE_IMPORT = '__vite_ssr_dynamic_import__';

/**
 * Gives back `import('name')` where a compiler made something else of it: `Promise.resolve().then(() => require('name'))` for
 * CommonJS, or Vite's own function. The number of lines before anything else stays.
 */
export function restoreImports(program: SyntaxNode, text: string): string {
  let result = '';
  let done = 0;
  for (const [node] of ancestryOf(program)) {
    if (node?.type !== 'CallExpression' || node.start < done) continue;
    const specifier = importedBy(node);
    if (specifier === undefined) continue;
    result += `${text.slice(done, node.start)}import(${text.slice(specifier.start, specifier.end)})`;
    done = node.end;
  }
  return result + text.slice(done);
}

/** The literal that a call imports. */
function importedBy(call: SyntaxNode): SyntaxNode | undefined {
  const [first, ...others] = argumentsOf(call);
  if (first === undefined || others.length > 0) return undefined;
  const callee = child(call, 'callee');
  if (isNamed(callee, VITE_IMPORT)) return isText(first) ? first : undefined;
  if (callee?.type !== 'MemberExpression' || !isNamed(child(callee, 'property'), 'then')) return undefined;
  const start = child(callee, 'object');
  const resolve = child(start, 'callee');
  const fromPromise =
    start?.type === 'CallExpression' &&
    argumentsOf(start).length === 0 &&
    isNamed(child(resolve, 'object'), 'Promise') &&
    isNamed(child(resolve, 'property'), 'resolve');
  return fromPromise ? requiredBy(resultOf(first)) : undefined;
}

/** What a function without parameters, and with nothing but a result, gives. */
function resultOf(node: SyntaxNode): SyntaxNode | undefined {
  if (!/^(?:Arrow)?FunctionExpression$/.test(node.type) || (node.params as unknown[]).length > 0)
    return undefined;
  const body = child(node, 'body');
  if (body?.type !== 'BlockStatement') return body;
  const [statement, ...others] = body.body as readonly SyntaxNode[];
  return statement?.type === 'ReturnStatement' && others.length === 0
    ? child(statement, 'argument')
    : undefined;
}

/** The literal of `require('name')`, or of `__importStar(require('name'))`. */
function requiredBy(node: SyntaxNode | undefined): SyntaxNode | undefined {
  if (node?.type !== 'CallExpression') return undefined;
  const [first, ...others] = argumentsOf(node);
  if (first === undefined) return undefined;
  const callee = child(node, 'callee');
  if (isNamed(callee, 'require')) return isText(first) && others.length === 0 ? first : undefined;
  const helper = callee?.type === 'MemberExpression' ? child(callee, 'property') : callee;
  return INTEROP.test(String(helper?.name)) ? requiredBy(first) : undefined;
}

function child(node: SyntaxNode | undefined, member: string): SyntaxNode | undefined {
  return (node?.[member] ?? undefined) as SyntaxNode | undefined;
}

function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] {
  return call.arguments as readonly SyntaxNode[];
}

function isNamed(node: SyntaxNode | undefined, name: string): boolean {
  return node?.type === 'Identifier' && node.name === name;
}

function isText(node: SyntaxNode): boolean {
  return node.type === 'Literal' && typeof node.value === 'string';
}
