import { isRecord } from '../artifact/isRecord';
import { describeType } from '../errors/describeType';
import type { BatchOptions } from '../metadata/options';
import type { FaultList } from './FaultList';

const KNOWN: readonly (keyof BatchOptions)[] = ['maxSize', 'maxDelay', 'cost', 'maxCost', 'bucket'];

/** Checks `batch` of `@Predict`, where JavaScript can write anything. */
export function checkBatch(batch: unknown, member: string | symbol, faults: FaultList): void {
  const refuse = (what: string, hint: string): void => faults.add(member, what, hint);
  const options: Readonly<Record<string, unknown>> = isRecord(batch) ? batch : {};
  if (!Number.isSafeInteger(options.maxSize) || (options.maxSize as number) < 1) {
    refuse('`batch` has no positive whole `maxSize`', 'Write @Predict({ batch: { maxSize: 32 } })');
  }
  for (const key of Object.keys(options)) {
    if ((KNOWN as readonly string[]).includes(key)) continue;
    refuse(`\`batch\` got an unknown option "${key}"`, `Known options are ${KNOWN.join(', ')}`);
  }
  const { maxDelay, cost, maxCost, bucket } = options;
  if (maxDelay !== undefined && !(Number.isFinite(maxDelay) && (maxDelay as number) >= 0)) {
    refuse(
      `\`batch.maxDelay\` is ${shown(maxDelay)}`,
      'Give it milliseconds, 0 or more, or leave it out: an idle model then starts at once',
    );
  }
  if (cost !== undefined && typeof cost !== 'function') {
    refuse(
      `\`batch.cost\` is ${describeType(cost)}`,
      'Give it a function from one model input to a number, such as (tokens) => tokens.length',
    );
  }
  if (maxCost !== undefined && !(Number.isFinite(maxCost) && (maxCost as number) > 0)) {
    refuse(
      `\`batch.maxCost\` is ${shown(maxCost)}`,
      'Give it a positive number, or leave it out for no limit',
    );
  }
  if ((cost === undefined) !== (maxCost === undefined)) {
    const [present, absent] = cost === undefined ? ['maxCost', 'cost'] : ['cost', 'maxCost'];
    refuse(
      `\`batch.${present}\` stands without \`${absent}\`, so it limits nothing`,
      `Give both, such as { cost: (tokens) => tokens.length, maxCost: 4096 }; \`maxSize\` alone limits the count`,
    );
  }
  if (bucket !== undefined && bucket !== 'shape' && typeof bucket !== 'function') {
    refuse(
      `\`batch.bucket\` is ${typeof bucket === 'string' ? `"${bucket}"` : describeType(bucket)}`,
      "Write 'shape', or give a function from one model input to the name of its bucket",
    );
  }
}

// A number is a developer's own and may be shown; of other values the type is.
const shown = (value: unknown): string => (typeof value === 'number' ? String(value) : describeType(value));
