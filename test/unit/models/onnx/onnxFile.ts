import { bytes, integer, message } from './protobuf';

/**
 * ONNX files as bytes, made without Python. Numbers of the fields and of the types are those of the format's own definition.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
const TYPES = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  bfloat16: 16,
  int4: 22,
} as const;
export type OnnxType = keyof typeof TYPES;

/** A size, a symbol, or `''` for a free dimension without a name. */
export type OnnxShape = readonly (number | string)[];

/** An input or an output; without `shape` its rank is not declared. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape?: OnnxShape;
  /** A container instead of the tensor. */
  readonly as?: 'sequence' | 'optional';
}

export interface OnnxInitializer {
  readonly name: string;
  readonly dims: readonly number[];
  /** float32. */
  readonly values?: readonly number[];
  /** Where the bytes are, instead of `values`. */
  readonly external?: Readonly<Record<string, string>>;
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly domain?: string;
  /** A number is an int, a string is one, a graph is one, an initializer is a tensor. */
  readonly attributes?: Readonly<
    Record<string, number | string | { graph: OnnxGraph } | { tensor: OnnxInitializer }>
  >;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs?: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers?: readonly OnnxInitializer[];
}

export interface OnnxModelParts extends OnnxGraph {
  /** Default 13. */
  readonly opset?: number;
  /** Default 8. */
  readonly ir?: number;
  /** Encoded fields of the model put behind its own: functions, say. */
  readonly more?: Buffer;
}

/**
 * A whole file.
 *
 * @example
 * onnxFile({ nodes: [node('Relu', ['x'], ['y'])], inputs: [value('x', 'float32', ['n'])], outputs: [value('y', 'float32', ['n'])] })
 */
export function onnxFile({ opset = 13, ir = 8, more = Buffer.alloc(0), ...graph }: OnnxModelParts): Buffer {
  return message(
    integer(1, ir),
    bytes(2, 'runwright tests'),
    bytes(7, encodeGraph(graph)),
    bytes(8, integer(2, opset)),
    more,
  );
}

export const node = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: NonNullable<OnnxNode['attributes']> = {},
): OnnxNode => ({ op, inputs, outputs, attributes });

export const value = (name: string, type: OnnxType, shape?: OnnxShape): OnnxValue =>
  shape === undefined ? { name, type } : { name, type, shape };

export function encodeGraph({ nodes, inputs = [], outputs, initializers = [] }: OnnxGraph): Buffer {
  return message(
    nodes.map((each) => bytes(1, encodeNode(each))),
    bytes(2, 'graph'),
    initializers.map((each) => bytes(5, encodeTensor(each))),
    inputs.map((each) => bytes(11, encodeValue(each))),
    outputs.map((each) => bytes(12, encodeValue(each))),
  );
}

export function encodeNode({ op, inputs, outputs, domain = '', attributes = {} }: OnnxNode): Buffer {
  return message(
    inputs.map((name) => bytes(1, name)),
    outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    Object.entries(attributes).map(([name, given]) =>
      bytes(5, message(bytes(1, name), encodeAttribute(given))),
    ),
    bytes(7, domain),
  );
}

const INT = 2;
const STRING = 3;
const TENSOR = 4;
const GRAPH = 5;

function encodeAttribute(given: NonNullable<OnnxNode['attributes']>[string]): Buffer {
  const kind = (number: number): Buffer => integer(20, number);
  if (typeof given === 'number') return message(integer(3, given), kind(INT));
  if (typeof given === 'string') return message(bytes(4, given), kind(STRING));
  if ('tensor' in given) return message(bytes(5, encodeTensor(given.tensor)), kind(TENSOR));
  return message(bytes(6, encodeGraph(given.graph)), kind(GRAPH));
}

export function encodeTensor({ name, dims, values, external }: OnnxInitializer): Buffer {
  const EXTERNAL = 1;
  return message(
    dims.map((dim) => integer(1, dim)),
    integer(2, TYPES.float32),
    bytes(8, name),
    values === undefined ? [] : bytes(9, Buffer.from(Float32Array.from(values).buffer)),
    Object.entries(external ?? {}).map(([key, text]) => bytes(13, message(bytes(1, key), bytes(2, text)))),
    external === undefined ? [] : integer(14, EXTERNAL),
  );
}

function encodeValue({ name, type, shape, as }: OnnxValue): Buffer {
  const dimension = (dim: number | string): Buffer =>
    bytes(1, typeof dim === 'number' ? integer(1, dim) : dim === '' ? Buffer.alloc(0) : bytes(2, dim));
  const dims = shape === undefined ? [] : bytes(2, message(shape.map(dimension)));
  const tensor = bytes(1, message(integer(1, TYPES[type]), dims));
  const kind = as === undefined ? tensor : bytes(as === 'sequence' ? 4 : 9, bytes(1, tensor));
  return message(bytes(1, name), bytes(2, kind));
}
