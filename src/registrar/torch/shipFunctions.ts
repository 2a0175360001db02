import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import type { TypeRef } from '../../metadata/TypeRef';
import type { FunctionSource } from '../../packer/functions/functionModule';
import { shipFunction } from '../../packer/functions/shipFunction';
import { resolveTypeRef } from '../../schema/resolveTypeRef';
import type { RegisterTorchOptions } from '../RegisterTorchOptions';

/** What a package needs beside the model itself: functions by source or export, types by export. */
export interface ShippedParts {
  readonly preprocess?: FunctionSource;
  readonly postprocess?: FunctionSource;
  readonly input?: string;
  readonly output?: string;
}

export interface Shipment extends ShippedParts {
  /** Why a function does not stand alone that shall be an export of the entry: what to say when it is none. */
  readonly refusals: readonly RunwrightError[];
}

/**
 * How the user's functions and types travel. `undefined` where there are none.
 *
 * @param entry absolute path; `undefined` when none was given
 * @throws RunwrightError RW_FUNCTION_INVALID, RW_OPTION_INVALID
 */
export async function shipFunctions(
  options: Pick<RegisterTorchOptions<never, never>, 'preprocess' | 'postprocess' | 'input' | 'output'>,
  entry: string | undefined,
): Promise<Shipment | undefined> {
  const parts: { -readonly [K in keyof ShippedParts]: ShippedParts[K] } = {};
  const refusals: RunwrightError[] = [];
  for (const stage of ['preprocess', 'postprocess'] as const) {
    const given = options[stage];
    if (given !== undefined) parts[stage] = await shipOne(given, stage, entry, refusals);
  }
  for (const side of ['input', 'output'] as const) {
    const given = options[side];
    if (given !== undefined) parts[side] = exportOf(given, side, entry);
  }
  return Object.keys(parts).length === 0 ? undefined : { ...parts, refusals };
}

async function shipOne(
  given: unknown,
  stage: string,
  entry: string | undefined,
  refusals: RunwrightError[],
): Promise<FunctionSource> {
  try {
    return { expression: await shipFunction(given, stage) };
  } catch (error) {
    // One that leans on its module travels with the module.
    const name = typeof given === 'function' ? given.name.replace(/^bound /, '') : '';
    if (entry === undefined || name === '' || !RunwrightError.is(error)) throw error;
    refusals.push(error);
    return { exportName: name };
  }
}

function exportOf(ref: TypeRef, side: 'input' | 'output', entry: string | undefined): string {
  const resolved = resolveTypeRef(ref);
  const refuse = (what: string, hint: string): RunwrightError =>
    new RunwrightError('RW_OPTION_INVALID', { where: `registerTorchModel, option \`${side}\``, what, hint });
  if (!resolved.ok) throw refuse(resolved.what, resolved.hint);
  const { type } = resolved;
  if (typeof type !== 'function') {
    throw refuse(`it is ${describeType(type)}`, 'Pass a class, whose instances hold the arrays');
  }
  if (entry !== undefined) return type.name;
  throw refuse(
    `the class ${type.name} cannot travel without the module that it lives in`,
    'Export it from a module and give that as `entry`',
  );
}
