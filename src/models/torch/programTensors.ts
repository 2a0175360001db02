import { RunwrightError } from '../../errors/RunwrightError';
import { TENSOR_ELEMENTS } from '../../schema/tensorElements';
import type { TensorType } from '../../schema/TensorType';
import type { ModelTensor } from '../tensor/ModelSignature';
import { torchFileInvalid } from './torchFileInvalid';
import type { TorchInput } from './TorchInput';
import type { TorchProgram, TorchProgramTensor } from './TorchProgram';

/** What the file and its author together say of the inputs, and of the outputs where the file knows them. */
export interface ProgramTensors {
  readonly inputs: readonly ModelTensor[];
  readonly outputs: readonly ModelTensor[] | undefined;
}

/**
 * Joins what the file knows and what its author says.
 *
 * @param where for messages: the model's file
 * @throws RunwrightError RW_OPTION_INVALID when `inputs` is needed and absent, or is not what the file has; RW_MODEL_FILE_INVALID
 *   when the model takes or gives what is no tensor of ours
 */
export function programTensors(
  { inputs, outputs }: TorchProgram,
  declared: readonly TorchInput[] | undefined,
  where: string,
): ProgramTensors {
  const odd = inputs.find(({ type, optional }) => !optional && !/^(Optional\[)?Tensor\]?$/.test(type));
  if (odd !== undefined) {
    throw torchFileInvalid(where, `its input ${odd.name} is ${odd.type}, not a tensor`, {
      hint: 'Wrap the model in a module whose forward takes tensors, and save that',
    });
  }
  if (declared !== undefined) checkNames(declared, inputs, where);
  if (outputs !== undefined) {
    if (declared !== undefined) checkDtypes(declared, inputs, where);
    return {
      inputs: inputs.map((one) => toTensor(one, where)),
      outputs: outputs.map((one) => toTensor(one, where)),
    };
  }
  if (declared === undefined)
    throw inputsNeeded(
      where,
      inputs.map(({ name }) => name),
    );
  return { inputs: declared.map(declaredTensor), outputs: undefined };
}

/** @param names as far as they are known */
export function inputsNeeded(where: string, names?: readonly string[], cause?: unknown): RunwrightError {
  const list = names?.map((name) => `{ name: '${name}', dtype: 'float32', shape: ['batch', 4] }`).join(', ');
  return new RunwrightError('RW_OPTION_INVALID', {
    where: `${where}, option \`inputs\``,
    what: `a TorchScript file holds neither types nor shapes, and \`inputs\` is absent${names === undefined ? '' : `; the file has the input${names.length === 1 ? '' : 's'} ${names.join(', ')}`}`,
    hint: `Give them, with their own dtypes and shapes: inputs: [${list ?? "{ name, dtype: 'float32', shape: ['batch', 4] }"}]`,
    cause,
  });
}

export function declaredTensor({ name, dtype, shape }: TorchInput): ModelTensor {
  return { name, dtype, shape: shape.map((size) => (size === -1 ? '' : size)) };
}

function checkNames(
  declared: readonly TorchInput[],
  inputs: readonly TorchProgramTensor[],
  where: string,
): void {
  const stranger = declared.find(({ name }) => !inputs.some((input) => input.name === name));
  const missing = inputs.find(
    ({ name, optional }) => !optional && !declared.some((input) => input.name === name),
  );
  if (stranger === undefined && missing === undefined) return;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where: `${where}, option \`inputs\``,
    what:
      stranger === undefined
        ? `the model's input ${missing?.name} is not in it`
        : `the model has no input ${stranger.name}`,
    hint: `The file has the inputs ${inputs.map(({ name }) => name).join(', ')}`,
  });
}

function checkDtypes(
  declared: readonly TorchInput[],
  inputs: readonly TorchProgramTensor[],
  where: string,
): void {
  for (const { name, dtype, shape } of declared) {
    const input = inputs.find((one) => one.name === name);
    if (input?.dtype === dtype && input.shape?.length === shape.length) continue;
    throw new RunwrightError('RW_OPTION_INVALID', {
      where: `${where}, option \`inputs\``,
      what: `${name} is ${dtype} [${shape.join(', ')}] there, and ${input?.dtype} [${input?.shape?.join(', ')}] in the file`,
      hint: 'Write what the file has, or leave `inputs` out: an exported program knows its inputs',
    });
  }
}

function toTensor({ name, dtype, shape }: TorchProgramTensor, where: string): ModelTensor {
  if (dtype === undefined || shape === undefined || !Object.hasOwn(TENSOR_ELEMENTS, dtype)) {
    throw torchFileInvalid(
      where,
      `its tensor ${name} is ${dtype ?? 'no tensor'}, which has no counterpart here`,
      {
        hint: 'Convert it in the model, to float32 for instance, and save it again',
      },
    );
  }
  return { name, dtype: dtype as TensorType, shape };
}
