import { BatchQueue } from '../batching/BatchQueue';
import { describeType } from '../errors/describeType';
import { RunwrightError } from '../errors/RunwrightError';
import { textOf } from '../errors/textOf';
import type { BatchOptions } from '../metadata/options';
import type { RunnerDefinition } from '../scanner/RunnerDefinition';
import { isError } from './isError';
import type { Pipeline } from './Pipeline';
import { predictItems } from './predictItems';
import type { PreparedInput } from './PreparedInput';
import { shapeOf } from './shapeOf';

/** Gathers what the calls of one runner prepared into calls of its batched predict, one at a time. */
export function openBatchQueue(
  pipeline: Pipeline,
  { stages: { predict } }: Pick<RunnerDefinition, 'stages'>,
  { maxSize, maxDelay, cost, maxCost, bucket }: Readonly<BatchOptions>,
): BatchQueue<PreparedInput, unknown> {
  const ask = <A>(
    option: 'cost' | 'bucket',
    call: (modelInput: never) => unknown,
    isAnswer: (answer: unknown) => answer is A,
  ) => {
    const failed = (said: string, cause?: unknown): RunwrightError =>
      new RunwrightError('RW_STAGE_FAILED', {
        where: predict.where,
        what: `\`batch.${option}\` ${said}`,
        hint: 'It gets what preprocess returned, one item at a time; `cost` gives a number, `bucket` a string',
        cause,
      });
    return ({ modelInput }: PreparedInput): A => {
      let answer: unknown;
      try {
        answer = call(modelInput as never);
      } catch (cause) {
        throw failed(
          `failed: ${isError(cause) ? (textOf(cause, 'message') ?? '') : describeType(cause)}`,
          cause,
        );
      }
      if (isAnswer(answer)) return answer;
      throw failed(`gave ${typeof answer === 'number' ? String(answer) : describeType(answer)}`);
    };
  };
  const bucketOf = bucket === 'shape' ? shapeOf : bucket;
  return new BatchQueue({
    where: predict.where,
    run: async (items) => {
      for (const { value } of items) value.tracker?.begin();
      try {
        return await predictItems(pipeline, predict, items);
      } finally {
        for (const { value } of items) value.tracker?.end();
      }
    },
    maxSize,
    maxDelay,
    cost: cost && ask('cost', cost, isCost),
    maxCost,
    bucket: bucketOf && ask('bucket', bucketOf, isName),
  });
}

const isCost = (answer: unknown): answer is number => Number.isFinite(answer) && (answer as number) >= 0;
const isName = (answer: unknown): answer is string => typeof answer === 'string';
