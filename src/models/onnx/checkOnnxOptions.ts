import { isRecord } from '../../artifact/isRecord';
import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import type { OnnxOptions } from './OnnxOptions';

interface Rule {
  /** To be read after "Pass". */
  readonly allowed: string;
  readonly fits: (value: unknown) => boolean;
}

const oneOf = (...values: readonly unknown[]): Rule => ({
  allowed: `one of ${values.join(', ')}`,
  fits: (value) => values.includes(value),
});
const BOOLEAN: Rule = { allowed: 'true or false', fits: (value) => typeof value === 'boolean' };
const STRING: Rule = { allowed: 'a string', fits: (value) => typeof value === 'string' };
/** More would be a mistake, and lets onnxruntime run out of memory. */
const MAX_THREADS = 1024;
const THREADS: Rule = {
  allowed: `a whole number from 0 (onnxruntime chooses) to ${MAX_THREADS}`,
  fits: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_THREADS,
};

const RULES: { readonly [K in keyof Required<OnnxOptions>]: Rule } = {
  executionProviders: {
    allowed: "an array of names, or of objects such as { name: 'cuda', deviceId: 0 } of numbers and booleans",
    fits: (value) => Array.isArray(value) && value.every(isProvider),
  },
  intraOpNumThreads: THREADS,
  interOpNumThreads: THREADS,
  graphOptimizationLevel: oneOf('disabled', 'basic', 'extended', 'layout', 'all'),
  executionMode: oneOf('sequential', 'parallel'),
  enableCpuMemArena: BOOLEAN,
  enableMemPattern: BOOLEAN,
  logSeverityLevel: oneOf(0, 1, 2, 3, 4),
  logId: STRING,
  extra: {
    allowed: 'nested objects of strings, none of them the name of a file, path or folder',
    fits: (value) => isExtra(value),
  },
  batch: BOOLEAN,
};

/**
 * @param where for messages: a call, a file
 * @returns the options that are given, in an order of their own
 * @throws RunwrightError RW_OPTION_INVALID naming the option and what it may be
 */
export function checkOnnxOptions(options: unknown, where: string): OnnxOptions {
  const known = `Options are ${Object.keys(RULES).join(', ')}`;
  const refuse = (option: string, what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_OPTION_INVALID', { where: `${where}${option}`, what, hint });
  if (!isRecord(options)) {
    throw refuse('', `the options are ${describeType(options)}, not a plain object`, known);
  }
  for (const [name, value] of Object.entries(options)) {
    const at = `, option \`${name}\``;
    if (!Object.hasOwn(RULES, name)) throw refuse(at, 'there is no such option', known);
    const { allowed, fits } = RULES[name as keyof OnnxOptions];
    if (value === undefined || fits(value)) continue;
    const received = typeof value === 'number' ? `the number ${value}` : describeType(value);
    throw refuse(at, `it is ${received} where something else is needed`, `Pass ${allowed}, or leave it out`);
  }
  const given = Object.keys(RULES).filter((name) => options[name] !== undefined);
  return Object.freeze(Object.fromEntries(given.map((name) => [name, structuredClone(options[name])])));
}

/** Settings that are text could name a library to load (`backendPath`). */
function isProvider(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  if (!isRecord(value) || typeof value.name !== 'string' || value.name === '') return false;
  return Object.entries(value).every(
    ([key, setting]) => key === 'name' || typeof setting === 'boolean' || Number.isFinite(setting),
  );
}

const NAMES_A_FILE = /file|path|folder|dir/i;

/** Keys of onnxruntime have three parts at most. */
const MAX_DEPTH = 8;

function isExtra(value: unknown, depth = 1): boolean {
  if (!isRecord(value) || depth > MAX_DEPTH) return false;
  return Object.entries(value).every(
    ([key, entry]) => !NAMES_A_FILE.test(key) && (typeof entry === 'string' || isExtra(entry, depth + 1)),
  );
}
