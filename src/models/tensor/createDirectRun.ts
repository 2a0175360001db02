import type { Constructor } from '../../metadata/Constructor';
import { makeTensor } from '../../schema/makeTensor';
import type { TensorType } from '../../schema/TensorType';
import { createTensorFit } from './createTensorCheck';
import type { DirectRun } from './DirectRun';
import { itemField } from './itemField';
import type { ModelSignature } from './ModelSignature';
import { removeRow } from './rows';
import type { TensorRecord } from './TensorModel';

/**
 * @param signature with `batch`; no name of a dimension but the first stands in two places of the inputs
 * @param where for messages: the runner
 * @param output the class of the outputs, made by `tensorClass` of the signature
 * @returns `undefined` where the number of rows is the size of another dimension too, which one item cannot be judged by
 */
export function createDirectRun(
  signature: ModelSignature,
  output: Constructor,
  where: string,
): DirectRun | undefined {
  const rowNames = new Set(signature.inputs.map(({ shape }) => shape[0]));
  const isRowName = (dim: number | string): boolean =>
    dim !== '' && typeof dim === 'string' && rowNames.has(dim);
  if (signature.inputs.some(({ shape }) => shape.slice(1).some(isRowName))) return undefined;
  const inputs = signature.inputs.map((tensor) => ({ ...tensor, shape: tensor.shape.slice(1) }));
  const fits = createTensorFit({ inputs, batch: false });
  const names = inputs.map(({ name }) => name);
  const fields = signature.outputs.map((tensor) => itemField(tensor, true));
  return {
    signature,
    toFeeds(input) {
      if (typeof input !== 'object' || input === null) return undefined;
      if (Object.getPrototypeOf(input) !== Object.prototype) return undefined;
      let given = 0;
      // Quicker than an array of the keys.
      for (const name in input) {
        if (!names.includes(name)) return undefined;
        given += 1;
      }
      if (given !== names.length) return undefined;
      const feeds: Record<string, TensorRecord[string]> = {};
      for (let at = 0; at < names.length; at += 1) {
        const name = names[at] as string;
        // The schema refuses getters.
        const property = Object.getOwnPropertyDescriptor(input, name);
        if (property === undefined || !('value' in property)) return undefined;
        feeds[name] = property.value as TensorRecord[string];
      }
      if (!fits(feeds)) return undefined;
      for (let at = 0; at < names.length; at += 1) {
        const name = names[at] as string;
        const { type, data, dims } = feeds[name] as TensorRecord[string];
        feeds[name] = makeTensor(type as TensorType, data, [1, ...dims]);
      }
      return feeds;
    },
    toOutput(outputs) {
      const item = new output() as Record<string, TensorRecord[string]>;
      for (let at = 0; at < fields.length; at += 1) {
        const { name, field } = fields[at] as (typeof fields)[number];
        const tensor = outputs[name];
        if (tensor === undefined || tensor.type !== field.dtype) return undefined;
        const dims = itemDims(tensor.dims, field.shape);
        if (dims === undefined) return undefined;
        item[name] = makeTensor(field.dtype, tensor.data, dims);
      }
      return item;
    },
    toItem: (outputs) => removeRow(outputs as TensorRecord, where),
  };
}

/** @param dims of one row @returns them without dimension 0, when they are as declared */
function itemDims(dims: readonly number[], shape: readonly number[]): number[] | undefined {
  if (dims.length !== shape.length + 1 || dims[0] !== 1) return undefined;
  const rest: number[] = [];
  for (let axis = 0; axis < shape.length; axis += 1) {
    const size = dims[axis + 1] as number;
    if (shape[axis] !== -1 && shape[axis] !== size) return undefined;
    rest.push(size);
  }
  return rest;
}
