import { fileOf } from './moduleId';

const OUTPUTS = /\.(js|jsx|mjs|cjs)$/;
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  js: ['ts', 'tsx'],
  jsx: ['tsx', 'ts'],
  mjs: ['mts'],
  cjs: ['cts'],
};

/**
 * Where TypeScript looks for the source of what a TypeScript module imports as JavaScript, the likeliest first: `./words.js` means
 * `./words.ts` where there is one. What a compiler has left beside it may be old, or compiled with other options.
 * See https://www.typescriptlang.org/docs/handbook/modules/reference.html#file-extension-substitution.
 *
 * @param importer the id of the module that asks
 */
export function typeScriptSources(path: string, importer: string): string[] {
  const [, output = ''] = (/\.[cm]?tsx?$/.test(fileOf(importer)) && OUTPUTS.exec(path)) || [];
  return (SOURCES[output] ?? []).map((source) => path.slice(0, -output.length) + source);
}
