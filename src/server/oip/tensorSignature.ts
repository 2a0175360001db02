import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import type { SchemaDescription } from '../../schema/SchemaDescription';
import type { TensorType } from '../../schema/TensorType';
import { OIP_DATATYPES } from './OipDatatype';
import type { Carried, TensorSpec } from './TensorSpec';

/** The tensors of one side of a runner. */
export interface TensorSide {
  readonly tensors: readonly TensorSpec[];
  /** True where the only tensor is the value itself, not a property of an object. */
  readonly whole: boolean;
}

/** A runner in tensors. */
export interface ServableSignature {
  readonly ok: true;
  /** True when the first dimension of every tensor counts the items of a request. */
  readonly batch: boolean;
  readonly input: TensorSide;
  readonly output: TensorSide;
}

export type TensorSignature =
  | ServableSignature
  | {
      readonly ok: false;
      /** Why the protocol cannot carry the runner, for people. */ readonly reason: string;
    };

const PLAIN: Readonly<Record<Exclude<Carried['kind'], 'tensor'>, TensorType>> = {
  number: 'float64',
  integer: 'int64',
  string: 'string',
  boolean: 'bool',
  bytes: 'string',
};

const signatures = new WeakMap<RunnerDescription, TensorSignature>();

/** A runner in tensors, made from its schema; or why it has no such form. */
export function tensorSignature(description: RunnerDescription): TensorSignature {
  let signature = signatures.get(description);
  if (signature === undefined) signatures.set(description, (signature = makeSignature(description)));
  return signature;
}

function makeSignature({ input, output, stream, oip }: RunnerDescription): TensorSignature {
  if (stream) return { ok: false, reason: 'it answers with a stream, which `infer` cannot carry' };
  const { batch } = oip;
  const inputSide = toSide(input, 'input', batch);
  if (typeof inputSide === 'string') return { ok: false, reason: `its input: ${inputSide}` };
  const outputSide = toSide(output, 'output', batch);
  if (typeof outputSide === 'string') return { ok: false, reason: `its output: ${outputSide}` };
  return { ok: true, batch, input: inputSide, output: outputSide };
}

function toSide(
  { kind, typeName, fields = [] }: SchemaDescription,
  name: 'input' | 'output',
  batch: boolean,
): TensorSide | string {
  switch (kind) {
    case 'class': {
      const tensors: TensorSpec[] = [];
      for (const { name: given, property, optional, value } of fields) {
        const field = name === 'input' ? given : property;
        if (value.kind === 'other') return `no tensor can carry \`${field}\` of ${typeName}: ${value.reason}`;
        if (value.kind === 'file') return `no tensor can carry \`${field}\` of ${typeName}: it is a file`;
        tensors.push(toSpec(field, value, optional, batch));
      }
      return { tensors, whole: false };
    }
    case 'primitive': {
      const carries: Carried = { kind: typeName as 'number' | 'string' | 'boolean', array: false };
      return { tensors: [toSpec(name, carries, false, batch)], whole: true };
    }
    case 'binary':
      return { tensors: [toSpec(name, { kind: 'bytes', array: false }, false, batch)], whole: true };
    case 'array':
      return `no tensor can carry ${typeName}: an item is an array of its own`;
    case 'unvalidated':
      return 'its type is not declared (Unvalidated)';
  }
}

function toSpec(name: string, carries: Carried, optional: boolean, batch: boolean): TensorSpec {
  const dtype = carries.kind === 'tensor' ? carries.dtype : PLAIN[carries.kind];
  return { name, datatype: OIP_DATATYPES[dtype], shape: shapeOf(carries, batch), dtype, carries, optional };
}

function shapeOf(carries: Carried, batch: boolean): readonly number[] {
  if (carries.kind === 'tensor') return batch ? [-1, ...carries.shape] : carries.shape;
  if (carries.array) return batch ? [-1, -1] : [-1];
  return [batch ? -1 : 1];
}
