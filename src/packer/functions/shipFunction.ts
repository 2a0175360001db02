import { RunwrightError } from '../../errors/RunwrightError';
import type { SyntaxNode } from '../bundle/walkSyntax';
import { COMPILER_HELPERS } from './compilerHelpers';
import { findFreeVariables } from './findFreeVariables';
import { findOutsideUses } from './findOutsideUses';
import { functionExpression, type ParseText } from './functionExpression';
import type { FunctionFault } from './FunctionFault';
import { knownGlobals } from './knownGlobals';
import { outsideVariable } from './outsideVariable';
import { restoreImports } from './restoreImports';

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;
const OF_EVERY_FUNCTION = new Set<PropertyKey>(['length', 'name', 'prototype', 'arguments', 'caller']);

/**
 * The text of a JavaScript expression whose value is an equal function, in any module. The function must stand alone: it may
 * use its own variables, the globals of the language and of Node.js, and `import('name')` of a package.
 *
 * @param name the option that the function was given as, for messages
 * @throws RunwrightError RW_FUNCTION_INVALID for anything else, with all that it uses from outside
 * @example
 * await shipFunction((x: number) => x / 255, 'preprocess'); // '((x) => x / 255)'
 */
export async function shipFunction(value: unknown, name: string): Promise<string> {
  if (typeof value !== 'function')
    throw new RunwrightError('RW_FUNCTION_INVALID', {
      where: name,
      what: `a function is needed, and this is ${value === null ? 'null' : `of type ${typeof value}`}`,
      hint: `Give a function, or leave "${name}" out`,
    });
  const source = Function.prototype.toString.call(value);
  const own = typeof value.name === 'string' ? value.name : '';
  const where = own === '' || own === name ? name : `${name} (the function "${own}")`;
  if (NATIVE.test(source)) {
    const kind = own.startsWith('bound ') ? 'it is bound' : 'it is native, or a Proxy';
    throw invalid(where, [{ what: `the source of the function cannot be read: ${kind}` }]);
  }
  const parse = await textParser();
  const read = functionExpression(source, own === '' ? name : own, parse);
  if ('fault' in read) throw invalid(where, [{ what: `the function ${read.fault}` }]);

  const text = restoreImports(parse(read.expression).program, read.expression);
  const { program, errors } = parse(text);
  const globals = knownGlobals();
  const free = (await findFreeVariables(program)).filter(
    (variable) => !globals.has(variable.name) || variable.name === 'eval',
  );
  const uses = [
    ...free
      .filter((variable) => !COMPILER_HELPERS.has(variable.name))
      .map((variable) => ({ offset: variable.offset, what: outsideVariable(variable) })),
    ...findOutsideUses(program),
  ];
  const known = new Set(uses.map(({ offset }) => offset));
  const faults: readonly FunctionFault[] = [
    ...uses,
    ...errors
      .filter(({ offset }) => !known.has(offset))
      .map(({ offset, message }) => ({
        offset,
        what: `this does not work in a module, which is strict (${message.replace(/\.$/, '')})`,
      })),
    ...ownProperties(value),
  ];
  if (faults.length > 0) throw invalid(where, faults, text);
  const helpers = [...COMPILER_HELPERS].filter(([helper]) =>
    free.some((variable) => variable.name === helper),
  );
  if (helpers.length === 0) return text;
  const declared = helpers.map(([helper, expression]) => `const ${helper} = ${expression};`).join(' ');
  return `(() => { ${declared} return ${text}; })()`;
}

async function textParser(): Promise<ParseText> {
  const { parseSync } = await import('rolldown/utils');
  return (text) => {
    const { program, errors } = parseSync('function.js', text, {
      sourceType: 'module',
      preserveParens: false,
      showSemanticErrors: true,
    });
    return {
      program: program as unknown as SyntaxNode,
      errors: errors.map(({ message, labels }) => ({ message, offset: labels[0]?.start ?? 0 })),
    };
  };
}

function ownProperties(value: object): readonly FunctionFault[] {
  const names = Reflect.ownKeys(value).filter((key) => !OF_EVERY_FUNCTION.has(key));
  return names.length === 0
    ? []
    : [
        {
          what: `the function has properties of its own (${names.map(String).join(', ')}), which do not travel`,
        },
      ];
}

/** Every fault once, with the lines where it is, counted from 1 at the function's first. */
function invalid(where: string, faults: readonly FunctionFault[], text = ''): RunwrightError {
  const lines = new Map<string, Set<number>>();
  for (const { offset, what } of [...faults].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0))) {
    const found = lines.get(what) ?? new Set();
    if (offset !== undefined) found.add(text.slice(0, offset).split('\n').length);
    lines.set(what, found);
  }
  const all = [...lines].map(([what, at]) =>
    at.size === 0 ? what : `${what} (line ${[...at].join(', ')} of the function)`,
  );
  const what =
    all.length === 1
      ? (all[0] ?? '')
      : `the function cannot be shipped by its source, for ${all.length} reasons:${all.map((fault) => `\n  - ${fault}`).join('.')}`;
  return new RunwrightError('RW_FUNCTION_INVALID', {
    where,
    what,
    hint: "Let it stand alone, where packages are reached by `await import('name')` inside it, or export it from a module and give that as `entry`",
  });
}
