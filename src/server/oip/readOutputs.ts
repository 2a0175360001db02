import { isRecord } from '../../artifact/isRecord';
import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import { readFlag } from './readFlag';
import type { TensorSide } from './tensorSignature';
import type { TensorSpec } from './TensorSpec';

/** An output that the answer is to hold. */
export interface WantedOutput {
  readonly spec: TensorSpec;
  readonly binary: boolean;
  /** True when the request names it: then it must be there. */
  readonly named: boolean;
}

/** What a client may ask of an output and would miss in silence. */
const UNSUPPORTED = ['classification', 'shared_memory_region'];

/** The outputs that a request asks for, in its order; all of them where it names none. */
export function readOutputs(
  { outputs, parameters }: Readonly<Record<string, unknown>>,
  { tensors }: TensorSide,
  issues: IssueList,
): readonly WantedOutput[] {
  const allBinary = readFlag(parameters, 'binary_data_output', ['parameters'], issues) ?? false;
  const wanted: WantedOutput[] = [];
  if (outputs === undefined || outputs === null || (Array.isArray(outputs) && outputs.length === 0)) {
    for (const spec of tensors) wanted.push({ spec, binary: allBinary, named: false });
  } else if (!Array.isArray(outputs)) {
    issues.add(['outputs'], 'isArray', 'must be an array', outputs);
  } else {
    const names = new Map(tensors.map((spec) => [spec.name, spec]));
    for (const [index, output] of outputs.entries()) {
      const path = ['outputs', index];
      const spec = findTensor(output, names, wanted, path, issues);
      if (spec === undefined) continue;
      const { parameters: own } = output as Record<string, unknown>;
      const binary = readFlag(own, 'binary_data', [...path, 'parameters'], issues) ?? allBinary;
      for (const name of UNSUPPORTED.filter((key) => isRecord(own) && own[key] !== undefined)) {
        issues.add(
          [...path, 'parameters', name],
          'unsupported',
          'must be absent: it is not supported',
          output,
        );
      }
      wanted.push({ spec, binary, named: true });
    }
  }
  for (const { spec, binary, named } of wanted) {
    if (spec.dtype !== 'float16' || binary) continue;
    // It may be absent from every row; elementsToJson refuses it where it is not.
    if (spec.optional && !named) continue;
    const message = `\`${spec.name}\` is FP16, which travels in binary only: ask for it with binary_data`;
    issues.add(['outputs'], 'binary_data', message, outputs);
  }
  return wanted;
}

function findTensor(
  output: unknown,
  names: ReadonlyMap<unknown, TensorSpec>,
  before: readonly WantedOutput[],
  path: readonly PathSegment[],
  issues: IssueList,
): TensorSpec | undefined {
  if (!isRecord(output)) return void issues.add(path, 'isObject', 'must be an object', output);
  const spec = names.get(output.name);
  if (spec === undefined) {
    const message = `must be the name of an output: ${[...names.keys()].join(', ')}`;
    return void issues.add([...path, 'name'], 'name', message, output.name);
  }
  if (before.some((other) => other.spec === spec)) {
    return void issues.add([...path, 'name'], 'name', 'must be asked for once', output.name);
  }
  return spec;
}
