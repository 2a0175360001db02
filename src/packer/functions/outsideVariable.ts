import type { FreeVariable } from './findFreeVariables';
import { COMPUTED_IMPORT } from './findOutsideUses';

/** What compilers and tools write for something else, by how it looks. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^eval$/, 'is used, and what it runs cannot be seen'],
  [/^arguments$/, 'is used, which are those of the function around it: take `...args`'],
  [/^require$/, "is used, and the function leaves its module: use `await import('name')` instead"],
  [
    /^(?:module|__filename|__dirname)$/,
    "is used, and the function leaves its module: reach what is meant by `await import('name')`",
  ],
  [/^exports(?:\.|$)/, 'is used, which is an export of the module that the function leaves'],
  [/^__vite_ssr_import_meta__/, 'is `import.meta`, and the function leaves its module'],
  [/^__vite_ssr_dynamic_import__$/, `is ${COMPUTED_IMPORT}`],
  [/^cov_\w+$/, 'is used, which is a counter of the coverage tool: leave this file out of the coverage'],
  [
    /^__vi(?:te_ssr)?_import_\d+__|^import_\w+\.|^\w+_\d+\.(?!__)/,
    "is used, which looks like an import of its module: use `await import('name')` inside the function",
  ],
  [
    /(?:^|\.)__[a-z]\w*$/i,
    'is used, which the compiler adds for syntax that is newer than its target: set "target" to ES2022 or newer',
  ],
];

/** Why a variable from outside cannot be used. */
export function outsideVariable({ shown, written }: FreeVariable): string {
  const meaning = MEANINGS.find(([looks]) => looks.test(shown))?.[1];
  if (meaning !== undefined) return `\`${shown}\` ${meaning}`;
  return written
    ? `\`${shown}\` is assigned, which is declared outside of the function, or nowhere`
    : `\`${shown}\` is used, which is defined outside of the function`;
}
