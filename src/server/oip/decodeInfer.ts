import { bufferOf } from '../../artifact/bufferOf';
import { isRecord } from '../../artifact/isRecord';
import { ValidationError } from '../../errors/ValidationError';
import { IssueList } from '../../schema/IssueList';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { RequestError } from '../exchange/RequestError';
import { decodeRawInput } from './decodeRawInput';
import { parseInferJson } from './parseInferJson';
import { readInputs } from './readInputs';
import { readOutputs, type WantedOutput } from './readOutputs';
import type { ServableSignature } from './tensorSignature';
import { toRows } from './toRows';

/** An `infer` request in the terms of the runner. */
export interface InferCall {
  /** One input for each item; not yet validated by the runner's schema. */
  readonly rows: readonly unknown[];
  readonly outputs: readonly WantedOutput[];
  readonly id: string | undefined;
}

/**
 * Reads an `infer` request. The bytes of a tensor are copied only where their address does not fit their type; a body as the
 * server reads it has its first tensor at an address that fits all.
 *
 * @param where the runner's class, for messages
 * @throws ValidationError RW_INPUT_INVALID with every fault of the request
 * @throws RequestError when `Inference-Header-Content-Length` is more than the body
 */
export async function decodeInfer(
  { body, headerLength = body.byteLength }: Pick<ExchangeRequest, 'body' | 'headerLength'>,
  signature: ServableSignature,
  where: string,
): Promise<InferCall> {
  const bytes = bufferOf(body);
  const issues = new IssueList();
  const call =
    headerLength === 0 && bytes.byteLength > 0
      ? readTensor(bytes, signature, issues)
      : readDocument(
          await parseHeader(bytes, headerLength, signature, where),
          bytes,
          headerLength,
          signature,
          issues,
        );
  if (!issues.isEmpty) throw new ValidationError('input', issues.toArray(), where);
  return call;
}

/** A body of nothing but a tensor. */
function readTensor(body: Buffer, { batch, input, output }: ServableSignature, issues: IssueList): InferCall {
  const outputs = readOutputs({}, output, issues);
  const tensor = decodeRawInput(body, input, batch, issues);
  return { rows: toRows(tensor ? [tensor] : [], input, batch, issues), outputs, id: undefined };
}

function readDocument(
  document: unknown,
  body: Buffer,
  headerLength: number,
  { batch, input, output }: ServableSignature,
  issues: IssueList,
): InferCall {
  if (!isRecord(document)) {
    issues.add([], 'isObject', 'must be an object', document);
    return { rows: [], outputs: [], id: undefined };
  }
  const id = document.id ?? undefined;
  if (id !== undefined && typeof id !== 'string') issues.add(['id'], 'isString', 'must be a string', id);
  const outputs = readOutputs(document, output, issues);
  const tensors = readInputs(document.inputs, body.subarray(headerLength), input, issues);
  return { rows: toRows(tensors, input, batch, issues), outputs, id: id as string | undefined };
}

function parseHeader(
  body: Buffer,
  headerLength: number,
  { input }: ServableSignature,
  where: string,
): Promise<unknown> {
  if (headerLength <= body.byteLength) return parseInferJson(body.subarray(0, headerLength), input, where);
  throw new RequestError(
    400,
    `Inference-Header-Content-Length is ${headerLength}, and the body has ${body.byteLength} bytes`,
    'Send the length of the JSON before any compression',
  );
}
