import { ancestryOf, type SyntaxNode } from '../bundle/walkSyntax';
import { ASYNC_HELPERS } from './compilerHelpers';
import type { FunctionFault } from './FunctionFault';

export const COMPUTED_IMPORT =
  'an `import()` of a computed name: write the name in quotes, so that the package can be found';

const OWN_MEMBERS = new Set(['PropertyDefinition', 'AccessorProperty']);

/**
 * What a function uses of its surroundings beside variables: `this`, `super`, `new.target`, private names, its module, and
 * imports that lead elsewhere from another place.
 *
 * @param program holds the function alone
 */
export function findOutsideUses(program: SyntaxNode): readonly FunctionFault[] {
  const faults: FunctionFault[] = [];
  for (const path of ancestryOf(program)) {
    const what = outsideUse(path);
    if (what !== undefined) faults.push({ offset: path[0]?.start, what });
  }
  return faults;
}

function outsideUse(path: readonly SyntaxNode[]): string | undefined {
  const [node, parent] = path;
  switch (node?.type) {
    case 'ThisExpression':
      return hasOwnThis(path) || isHelperThis(node, parent)
        ? undefined
        : '`this` is used, and the function is called without one';
    case 'Super':
      return hasOwnThis(path) ? undefined : '`super` is used, and the function has left its class or object';
    case 'MetaProperty':
      if ((node.meta as { name?: unknown }).name === 'import')
        return "`import.meta` is used, and the function leaves its module: reach what is meant by `await import('name')`";
      return functionsAround(path).some(({ type }) => type !== 'ArrowFunctionExpression') || hasOwnThis(path)
        ? undefined
        : '`new.target` is used, which is that of the function around it';
    case 'PrivateIdentifier':
      return isDeclared(String(node.name), path)
        ? undefined
        : `\`#${String(node.name)}\` is used, which is private to a class outside of the function`;
    case 'ImportExpression':
      return importFault(node.source as SyntaxNode);
    case 'MemberExpression':
      return named(node.object) === 'arguments' && named(node.property) === 'callee'
        ? '`arguments.callee` is used, which works in sloppy mode only, and a module is strict: name the function'
        : undefined;
    default:
      return undefined;
  }
}

/** True inside a function or a class that the function itself contains: arrows have no `this` of their own. */
function hasOwnThis(path: readonly SyntaxNode[]): boolean {
  const [outermost] = functionsAround(path).slice(-1);
  return path.some((node, index) => {
    const child = path[index - 1];
    if (OWN_MEMBERS.has(node.type)) return child === node.value;
    if (node.type === 'StaticBlock') return true;
    return (
      node !== outermost &&
      isFunction(node) &&
      node.type !== 'ArrowFunctionExpression' &&
      !isHelperBody(path, index)
    );
  });
}

/** The first argument of a compiler's helper hands `this` on, and is no use of it. */
function isHelperThis(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  return isHelperCall(parent) && (parent?.arguments as readonly SyntaxNode[])[0] === node;
}

/** A generator that a compiler made of the body of an async function: its `this` is that of the function. */
function isHelperBody(path: readonly SyntaxNode[], index: number): boolean {
  return path[index]?.generator === true && isHelperCall(path[index + 1]);
}

function isHelperCall(node: SyntaxNode | undefined): boolean {
  return node?.type === 'CallExpression' && ASYNC_HELPERS.has(named(node.callee) ?? '');
}

function importFault({ type, value }: SyntaxNode): string | undefined {
  if (type !== 'Literal' || typeof value !== 'string') return `there is ${COMPUTED_IMPORT}`;
  if (value.includes('/node_modules/'))
    return `\`import('${value}')\` is used, a path that Vite has put in place of a package's name: register from a program that it does not compile`;
  return /^[./#\\]|^(?!node:)[a-z]+:/i.test(value)
    ? `\`import('${value}')\` is used, which leads elsewhere from another module: import a package by its name`
    : undefined;
}

function isDeclared(name: string, path: readonly SyntaxNode[]): boolean {
  return path.some(
    ({ type, body }) =>
      type === 'ClassBody' &&
      (body as readonly SyntaxNode[]).some(({ key }) => {
        const { type: kind, name: declared } = (key ?? {}) as Partial<SyntaxNode>;
        return kind === 'PrivateIdentifier' && declared === name;
      }),
  );
}

function functionsAround(path: readonly SyntaxNode[]): readonly SyntaxNode[] {
  return path.filter(isFunction);
}

function isFunction({ type }: SyntaxNode): boolean {
  return (
    type === 'ArrowFunctionExpression' || type === 'FunctionExpression' || type === 'FunctionDeclaration'
  );
}

function named(node: unknown): string | undefined {
  const { type, name } = node as { type?: unknown; name?: unknown };
  return type === 'Identifier' && typeof name === 'string' ? name : undefined;
}
