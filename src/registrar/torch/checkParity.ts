import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { OutputParity } from '../../models/tensor/ParityReport';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { Case } from './generateCases';
import { DEFAULT_RTOL, type Tolerance } from './Tolerance';
import { OutputComparison, type WorstElement } from './OutputComparison';

type Run = (inputs: TensorRecord) => Promise<TensorRecord>;

export interface ParityOptions {
  readonly tolerance: Tolerance;
  /** For messages: the model's file. */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
  readonly onCase?: ((done: number) => void) | undefined;
}

/**
 * Runs both models on every case and compares all that they give.
 *
 * @throws RunwrightError RW_PARITY_FAILED with the worst element of all, or with what differs in kind
 */
export async function checkParity(
  cases: Iterable<Case>,
  original: Run,
  exported: Run,
  { tolerance, where, signal, onCase }: ParityOptions,
): Promise<readonly OutputParity[]> {
  const { rtol = DEFAULT_RTOL, atol } = tolerance;
  const comparisons = new Map<string, OutputComparison>();
  let worst: { readonly element: WorstElement; readonly description: string } | undefined;
  let failed = 0;
  let done = 0;
  for (const { description, inputs } of cases) {
    refuseAborted(signal, where);
    const [b, a] = await Promise.all([original(inputs), exported(inputs)]);
    refuseOtherForm(b, a, description, where);
    let within = true;
    for (const [name, tensor] of Object.entries(b)) {
      const comparison = comparisons.get(name) ?? new OutputComparison(name, rtol, atol);
      comparisons.set(name, comparison);
      const known = comparison.worst;
      const other = a[name];
      if (other && comparison.add(tensor, other)) continue;
      within = false;
      const { worst: found } = comparison;
      if (found && found !== known && !(worst && isWorse(worst.element, found)))
        worst = { element: found, description };
    }
    if (!within) failed += 1;
    done += 1;
    onCase?.(done);
  }
  if (worst) throw tooFar(worst.element, worst.description, { failed, done, where });
  return [...comparisons.values()].map(({ report }) => report);
}

function isWorse(one: WorstElement, other: WorstElement): boolean {
  if (Number.isNaN(one.difference)) return true;
  return one.difference / one.allowed >= other.difference / other.allowed;
}

function refuseOtherForm(
  original: TensorRecord,
  exported: TensorRecord,
  description: string,
  where: string,
): void {
  const form = (tensors: TensorRecord): string =>
    Object.entries(tensors)
      .map(([name, { type, dims }]) => `${name} ${type} [${dims.join(', ')}]`)
      .sort()
      .join('; ');
  const [b, a] = [form(original), form(exported)];
  if (a === b) return;
  throw new RunwrightError('RW_PARITY_FAILED', {
    where,
    what: `for ${description} the original gives ${b}, and the export gives ${a}`,
    hint: "A part of the model that depends on its input was fixed by tracing: use torch.jit.script for it, declare fixed sizes in `inputs`, or register it with runtime: 'torch'",
  });
}

function tooFar(
  { output, index, original, exported, difference, allowed }: WorstElement,
  description: string,
  { failed, done, where }: { failed: number; done: number; where: string },
): RunwrightError {
  return new RunwrightError('RW_PARITY_FAILED', {
    where,
    what: `the exported model is not the original: ${failed} of ${done} cases differ. The worst is element ${index} of ${output}, for ${description}: torch gives ${original}, the export ${exported}, a difference of ${difference} where ${allowed} is allowed`,
    hint: "Give the real `range` of each input, if the generated ones are far from it; widen `tolerance` if the difference does no harm; or register the model with runtime: 'torch'",
  });
}
