import { ValidationError } from '../../errors/ValidationError';
import type { CallOptions } from '../../lifecycle/CallOptions';
import type { RunnerHandle } from '../../lifecycle/RunnerHandle';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeOptions } from '../exchange/ExchangeHandle';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { decodeInfer } from './decodeInfer';
import { encodeInfer } from './encodeInfer';
import { notInProtocol } from './notInProtocol';
import { tensorSignature } from './tensorSignature';

/**
 * The protocol's `infer`: N rows of tensors in, N rows of tensors out. One row that fails fails the request.
 *
 * @throws RunwrightError what `decodeInfer`, the runner and `encodeInfer` throw; an issue of row 3 begins with `[3]`
 */
export async function answerInfer(
  handle: RunnerHandle,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<ExchangeAnswer> {
  const { definition } = handle;
  const signature = tensorSignature(definition);
  if (!signature.ok) throw notInProtocol(signature.reason);
  const call = await decodeInfer(request, signature, definition.className);
  const outputs = await runRows(handle, call.rows, signature.batch, options);
  return encodeInfer(outputs, call, signature, request, definition.outputWhere);
}

async function runRows(
  handle: RunnerHandle,
  rows: readonly unknown[],
  batch: boolean,
  options: CallOptions,
): Promise<readonly unknown[]> {
  if (rows.length === 1) {
    try {
      return [await handle.run(rows[0], options)];
    } catch (error) {
      throw batch ? ofRow(error, 0) : error;
    }
  }
  const outcomes = await handle.runMany(rows, options);
  return outcomes.map((outcome, row) => {
    if (!outcome.ok) throw ofRow(outcome.error, row);
    return outcome.value;
  });
}

/** The same error with the row in its paths. */
function ofRow(error: unknown, row: number): unknown {
  if (!(error instanceof ValidationError)) return error;
  const issues = error.issues.map((issue) => ({ ...issue, path: pathInRow(issue.path, row) }));
  return new ValidationError(error.code === 'RW_INPUT_INVALID' ? 'input' : 'output', issues, error.where);
}

function pathInRow(path: string, row: number): string {
  return `[${row}]${path === '' || path.startsWith('[') ? '' : '.'}${path}`;
}
