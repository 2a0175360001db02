import { Postprocess } from '../../decorators/Postprocess';
import { Predict } from '../../decorators/Predict';
import { Preprocess } from '../../decorators/Preprocess';
import { Runner } from '../../decorators/Runner';
import { describeType } from '../../errors/describeType';
import { RunwrightError } from '../../errors/RunwrightError';
import { ValidationError } from '../../errors/ValidationError';
import type { Constructor } from '../../metadata/Constructor';
import type { RunContext } from '../../metadata/contexts';
import type { TypeRef } from '../../metadata/TypeRef';
import { Unvalidated } from '../../schema/Unvalidated';
import { createDirectRun } from './createDirectRun';
import { offerDirectRun } from './DirectRun';
import { itemField } from './itemField';
import type { ModelFunction } from './ModelFunction';
import type { ModelSignature } from './ModelSignature';
import { nulFreeTexts } from './nulFreeTexts';
import { sharedDimensions } from './sharedDimensions';
import { splitItems, stackItems } from './stackItems';
import { tensorClass } from './tensorClass';
import { toItem } from './toItem';
import { addRow, removeRow, type ItemRows } from './rows';
import type { TensorModel, TensorRecord } from './TensorModel';

/** What a runner is made of that nobody wrote a class for. */
export interface ModelRunnerParts {
  readonly name: string;
  readonly description?: string | undefined;
  readonly signature: ModelSignature;
  /** Most items in one run, where they can be stacked. Default 32. */
  readonly maxBatchSize?: number | undefined;
  /** From the caller's input to the tensors by name, or the one tensor. Default: the input is the tensors. */
  readonly preprocess?: ModelFunction | undefined;
  /**
   * From the output tensors by name to the caller's output. They have a dimension for the batch where the tensors of
   * `preprocess` have one. Default: the output is the tensors, of one item without that dimension.
   */
  readonly postprocess?: ModelFunction | undefined;
  /** Default: a field for each input of the model; anything, when there is a `preprocess`. */
  readonly input?: TypeRef | undefined;
  /** Default: a field for each output of the model; anything, when there is a `postprocess`. */
  readonly output?: TypeRef | undefined;
}

/** Items in one run, unless something else is said. */
export const MAX_BATCH_SIZE = 32;

/**
 * A runner class for a model of tensors. Its items have no dimension for the batch where the model can stack them; then
 * concurrent calls share runs.
 *
 * @example
 * const IrisRunner = makeModelRunner({ name: 'iris', signature: model.signature });
 * const handle = await createRunner(IrisRunner, { model });
 */
export function makeModelRunner(parts: ModelRunnerParts): Constructor {
  const { name, description, signature, preprocess, postprocess } = parts;
  const { batch } = signature;
  const checks = [sharedDimensions(signature), nulFreeTexts(signature)].filter(
    (check) => check !== undefined,
  );
  // Without a type or a function of the user's, an output is what the signature says of one item.
  const givesItems = !postprocess && !parts.output;
  const outputOf = (tensors: TensorRecord, { added, count }: ItemRows): TensorRecord =>
    added || (givesItems && count === 1) ? removeRow(tensors, name) : tensors;

  class ModelRunner {
    predict(model: TensorModel, item: TensorRecord): Promise<TensorRecord> {
      return model.run(item);
    }

    async predictBatch(model: TensorModel, items: readonly TensorRecord[]): Promise<TensorRecord[]> {
      const [only] = items;
      // The way of most calls, so without lists.
      if (only !== undefined && items.length === 1) {
        const row = addRow(only, signature);
        return [outputOf(await model.run(row.tensors), row)];
      }
      const stacked = stackItems(items, signature);
      if (stacked !== undefined) return splitItems(await model.run(stacked), items.length, name);
      const rows = items.map((item) => addRow(item, signature));
      const outputs = await model.runMany(rows.map(({ tensors }) => tensors));
      return outputs.map((tensors, at) => outputOf(tensors, rows[at] as ItemRows));
    }

    async preprocess(data: unknown, context: RunContext): Promise<TensorRecord> {
      if (preprocess) return toItem(await preprocess(data as never, context), signature, 'preprocess');
      return this.check(itemOfCaller(data, signature));
    }

    check(data: TensorRecord): TensorRecord {
      for (const check of checks) check(data);
      return data;
    }

    postprocess(outputs: TensorRecord, context: RunContext): unknown {
      return postprocess?.(outputs as never, context);
    }
  }

  const input =
    parts.input ??
    tensorClass(
      'ModelInput',
      signature.inputs.map((tensor) => itemField(tensor, batch)),
    );
  // A shape that is not known cannot be declared, nor judged.
  const isOpen = signature.outputs.some(({ anyShape }) => anyShape);
  const output =
    parts.output ??
    (isOpen
      ? Unvalidated
      : tensorClass(
          'ModelOutput',
          signature.outputs.map((tensor) => itemField(tensor, batch)),
        ));
  const decorate = (method: keyof ModelRunner, decorator: unknown): void => {
    const descriptor = Object.getOwnPropertyDescriptor(ModelRunner.prototype, method);
    (decorator as MethodDecorator)(ModelRunner.prototype, method, descriptor ?? {});
  };
  const converts = preprocess !== undefined || parts.input !== undefined;
  const preprocessor = converts ? 'preprocess' : checks.length > 0 ? 'check' : undefined;
  if (preprocessor !== undefined) {
    decorate(preprocessor, Preprocess({ input: preprocess && !parts.input ? Unvalidated : input }));
  }
  if (postprocess) decorate('postprocess', Postprocess({ output: parts.output ?? Unvalidated }));
  const types = { ...(preprocessor === undefined && { input }), ...(!postprocess && { output }) };
  if (batch) {
    const maxSize = parts.maxBatchSize ?? MAX_BATCH_SIZE;
    decorate('predictBatch', Predict({ ...types, batch: { maxSize } }));
  } else {
    decorate('predict', Predict(types));
  }
  const isModelAlone = batch && preprocessor === undefined && !postprocess && !parts.output && !isOpen;
  if (isModelAlone) {
    const direct = createDirectRun(signature, output as Constructor, name);
    if (direct !== undefined) offerDirectRun(ModelRunner, direct);
  }
  // It is what messages begin with.
  Object.defineProperty(ModelRunner, 'name', { value: name });
  Runner({ name, ...(description !== undefined && { description }), oip: { batch } })(ModelRunner);
  return ModelRunner;
}

/** What an input type of the user's let through and the model cannot take is the caller's fault. */
function itemOfCaller(data: unknown, signature: ModelSignature): TensorRecord {
  try {
    return toItem(data, signature, 'input');
  } catch (cause) {
    if (!RunwrightError.is(cause)) throw cause;
    const issue = { path: '', constraint: 'isTensor', message: cause.what, received: describeType(data) };
    throw new ValidationError('input', [issue]);
  }
}
