import { isRecord } from '../../artifact/isRecord';
import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import { checkShape } from './checkShape';
import { readBinaryTensor } from './readBinaryTensor';
import { RawTail } from './RawTail';
import { readJsonTensor } from './readJsonTensor';
import type { TensorData } from './TensorData';
import type { TensorSide } from './tensorSignature';
import type { TensorSpec } from './TensorSpec';

/** One tensor of a request, judged. */
export interface InputTensor {
  readonly spec: TensorSpec;
  readonly dims: readonly number[];
  readonly data: TensorData;
  /** Where it stands in the request, for issues. */
  readonly path: readonly PathSegment[];
}

/**
 * The tensors of a request, each as its declaration says.
 *
 * @param tail raw tensors after the JSON
 */
export function readInputs(
  inputs: unknown,
  tail: Buffer,
  side: TensorSide,
  issues: IssueList,
): readonly InputTensor[] {
  if (!Array.isArray(inputs)) {
    issues.add(['inputs'], 'isArray', 'must be an array', inputs);
    return [];
  }
  const reader = new InputReader(new RawTail(tail, issues), side, issues);
  for (const [index, input] of inputs.entries()) reader.read(input, ['inputs', index]);
  return reader.end();
}

class InputReader {
  private readonly specs: ReadonlyMap<unknown, TensorSpec>;
  private readonly seen = new Set<TensorSpec>();
  private readonly tensors: InputTensor[] = [];

  constructor(
    private readonly tail: RawTail,
    { tensors }: TensorSide,
    private readonly issues: IssueList,
  ) {
    this.specs = new Map(tensors.map((spec) => [spec.name, spec]));
  }

  read(input: unknown, path: readonly PathSegment[]): void {
    if (!isRecord(input)) return this.issues.add(path, 'isObject', 'must be an object', input);
    // Before anything else, so that one bad tensor does not shift those that follow.
    const raw = this.tail.take(input, path);
    const spec = this.specs.get(input.name);
    if (spec === undefined) {
      const message = `must be the name of an input: ${[...this.specs.keys()].join(', ')}`;
      return this.issues.add([...path, 'name'], 'name', message, input.name);
    }
    if (this.seen.has(spec))
      return this.issues.add([...path, 'name'], 'name', 'must be given once', input.name);
    this.seen.add(spec);
    if (input.datatype !== spec.datatype) {
      return this.issues.add([...path, 'datatype'], 'datatype', `must be ${spec.datatype}`, input.datatype);
    }
    const count = checkShape(input.shape, spec, [...path, 'shape'], this.issues);
    if (count === undefined || raw === null) return;
    const dims = input.shape as readonly number[];
    const data = raw
      ? readBinaryTensor(raw, count, spec, path, this.issues)
      : readJsonTensor(input.data, dims, count, spec, [...path, 'data'], this.issues);
    if (data) this.tensors.push({ spec, dims, data, path });
  }

  end(): readonly InputTensor[] {
    const { rest } = this.tail;
    if (rest.byteLength > 0 && this.issues.isEmpty) {
      const message = `must end with its last tensor: ${rest.byteLength} bytes follow`;
      this.issues.add([], 'binary_data_size', message, rest);
    }
    for (const spec of this.specs.values()) {
      if (spec.optional || this.seen.has(spec)) continue;
      this.issues.add(['inputs'], 'name', `must hold \`${spec.name}\` (${spec.datatype})`, undefined);
    }
    return this.tensors;
  }
}
