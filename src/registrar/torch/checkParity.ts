import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { OutputParity } from '../../models/tensor/ParityReport';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { Case } from './generateCases';
import type { Tolerance } from './Tolerance';
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
  const comparisons = new Map<string, OutputComparison>();
  const reaches: { readonly name: string; readonly reach: number }[][] = [];
  for (const { description, inputs } of cases) {
    refuseAborted(signal, where);
    const [b, a] = await Promise.all([original(inputs), exported(inputs)]);
    refuseOtherForm(b, a, description, where);
    reaches.push(
      Object.entries(b).map(([name, tensor]) => {
        const comparison = comparisons.get(name) ?? new OutputComparison(name, tolerance);
        comparisons.set(name, comparison);
        return { name, reach: comparison.add(tensor, a[name] as typeof tensor, description) };
      }),
    );
    onCase?.(reaches.length);
  }
  const [worst] = [...comparisons.values()].flatMap((comparison) => comparison.worst ?? []).sort(byExcess);
  if (worst) {
    const isBeyond = ({ name, reach }: { name: string; reach: number }): boolean =>
      reach > (comparisons.get(name)?.atol ?? 0);
    const failed = reaches.filter((outputs) => outputs.some(isBeyond)).length;
    throw tooFar(worst, { failed, done: reaches.length, where });
  }
  return [...comparisons.values()].map(({ report }) => report);
}

/** The worst first: what is no number, then by how many times what is allowed. */
function byExcess(one: WorstElement, other: WorstElement): number {
  const excess = ({ difference, allowed }: WorstElement): number =>
    Number.isNaN(difference) ? Infinity : difference / (allowed || Number.MIN_VALUE);
  return excess(other) - excess(one) || 0;
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
  { output, description, index, original, exported, difference, allowed }: WorstElement,
  { failed, done, where }: { failed: number; done: number; where: string },
): RunwrightError {
  return new RunwrightError('RW_PARITY_FAILED', {
    where,
    what: `the exported model is not the original: ${failed} of ${done} cases differ. The worst is element ${index} of ${output}, for ${description}: torch gives ${original}, the export ${exported}, a difference of ${difference} where ${allowed} is allowed`,
    hint: "Give the real `range` of each input, if the generated ones are far from it; widen `tolerance` if the difference does no harm; or register the model with runtime: 'torch'",
  });
}
