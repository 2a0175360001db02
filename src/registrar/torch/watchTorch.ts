import { availableParallelism } from 'node:os';
import { refuseAborted } from '../../errors/refuseAborted';
import { RunwrightError } from '../../errors/RunwrightError';
import type { ModelTensor } from '../../models/tensor/ModelSignature';
import type { TensorRecord } from '../../models/tensor/TensorModel';
import type { TorchInput } from '../../models/torch/TorchInput';
import type { TorchModel } from '../../models/torch/TorchModel';
import type { CaseInput } from './CaseInput';
import { generateCases, type CaseOptions } from './generateCases';
import { learnOutputs } from './learnOutputs';
import { OutputComparison } from './OutputComparison';
import { untilAborted } from '../../models/torch/untilAborted';
import { whyTogether } from './whyTogether';
import type { Tolerance } from './Tolerance';

/** A torch model that was started and run: what it takes and gives, and the inputs to compare it by. */
export interface WatchedModel {
  readonly inputs: readonly CaseInput[];
  readonly outputs: readonly ModelTensor[];
  readonly torchVersion: string;
  readonly cases: CaseOptions;
  /** Why items cannot share a run, though the names of their dimensions would allow it. */
  readonly together: string | undefined;
}

export interface WatchOptions {
  /** The user's words on the inputs. */
  readonly given: readonly TorchInput[];
  readonly count: number;
  readonly tolerance: Tolerance;
  /** False for a model that may be random, as it is not compared with another. */
  readonly mustRepeat: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a torch model and runs it on two sizes of its free dimensions, once more on the first, and on the items of a batch alone.
 *
 * @throws RunwrightError RW_PARITY_FAILED for a model that does not repeat itself; RW_STAGE_FAILED when it fails on what was
 *   generated; and what `TorchModel` throws
 */
export async function watchTorch(
  model: TorchModel,
  { given, count, tolerance, mustRepeat, signal }: WatchOptions,
): Promise<WatchedModel> {
  const { torchVersion, ranges = {} } = await untilAborted(
    model.start({ threads: availableParallelism() }),
    signal,
    model.file,
  );
  const known = new Map(given.map((input) => [input.name, input]));
  const inputs = model.signature.inputs.map((input): CaseInput => {
    const { range, examples } = known.get(input.name) ?? {};
    return { ...input, range, examples };
  });
  const first = inputs[0]?.shape[0];
  const isBatch = typeof first === 'string' && inputs.every(({ shape }) => shape[0] === first);
  const sizes = Object.fromEntries(
    Object.entries(ranges).map(([name, [min, max]]) => [
      name,
      { ...(min !== null && { min }), ...(max !== null && { max }) },
    ]),
  );
  const cases: CaseOptions = { count, batchName: isBatch ? first : undefined, sizes };
  const where = model.file;
  const run = async (tensors: TensorRecord): Promise<TensorRecord> => {
    refuseAborted(signal, where);
    return runOrExplain(model, tensors, signal);
  };
  const withoutExamples = inputs.map((input) => ({ ...input, examples: undefined }));
  const [one, other] = [...generateCases(withoutExamples, { ...cases, count: 2 })];
  if (!one || !other) throw new TypeError('two cases were asked for');
  const seen = { inputs: one.inputs, outputs: await run(one.inputs) };
  const random = findUnrepeated(seen.outputs, await run(one.inputs), tolerance);
  if (mustRepeat && random !== undefined) throw unrepeated(random, where);
  const several = { inputs: other.inputs, outputs: await run(other.inputs) };
  const outputs = learnOutputs(inputs, [seen, several], where);
  const stacks = isBatch && outputs.every(({ shape }) => shape[0] === first);
  const least = sizes[first ?? '']?.min ?? 1;
  const needsSeveral = least > 1 ? `the model takes no fewer than ${least} items` : undefined;
  const isRandom = random && notRepeated(random);
  const together = stacks
    ? (needsSeveral ?? isRandom ?? (await whyTogether(several, run, tolerance, where)))
    : undefined;
  return { inputs, outputs, torchVersion, cases, together };
}

async function runOrExplain(
  model: TorchModel,
  tensors: TensorRecord,
  signal: AbortSignal | undefined,
): Promise<TensorRecord> {
  try {
    return await model.run(tensors, { signal });
  } catch (error) {
    if (!RunwrightError.is(error) || error.code !== 'RW_STAGE_FAILED') throw error;
    throw new RunwrightError('RW_STAGE_FAILED', {
      where: error.where,
      what: `${error.what}, on generated inputs ${Object.entries(tensors)
        .map(([name, { type, dims }]) => `${name} ${type} [${dims.join(', ')}]`)
        .join(', ')}`,
      hint: 'Say in `inputs` what the model takes: `range` for the values (ids of an embedding of n: [0, n - 1]), all dimensions in `shape`, that of the batch too; fixed sizes or `examples` where not every size will do',
      cause: error,
    });
  }
}

/** The name of an output that differs between two runs on one input. */
function findUnrepeated(first: TensorRecord, again: TensorRecord, tolerance: Tolerance): string | undefined {
  return Object.entries(first).find(([name, tensor]) => {
    const second = again[name];
    if (second?.dims.join() !== tensor.dims.join()) return true;
    const comparison = new OutputComparison(name, tolerance);
    comparison.add(tensor, second);
    return comparison.worst !== undefined;
  })?.[0];
}

const notRepeated = (name: string): string =>
  `the model does not repeat itself: its output ${name} differs between two runs on one input`;

function unrepeated(name: string, where: string): RunwrightError {
  return new RunwrightError('RW_PARITY_FAILED', {
    where,
    what: notRepeated(name),
    hint: 'Something random was traced into it, such as dropout in training mode: call model.eval() before torch.jit.trace, and save it again',
  });
}
