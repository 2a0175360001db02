import { ValidationError } from '../../errors/ValidationError';
import { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import type { ExchangeAnswer } from '../exchange/ExchangeAnswer';
import type { ExchangeRequest } from '../exchange/ExchangeRequest';
import { JSON_TYPE } from '../exchange/JSON_TYPE';
import { BinaryElements } from './BinaryElements';
import type { InferCall } from './decodeInfer';
import { elementsToJson } from './elementsToJson';
import { stackRows, type OutputTensor } from './stackRows';
import type { ServableSignature } from './tensorSignature';

const BINARY_TYPE = 'application/octet-stream';

/**
 * The answer to an `infer` request. Its body has an ArrayBuffer of its own, also where the runner goes on to use the memory of
 * its outputs: each of their bytes is copied once.
 *
 * @param rows outputs of the runner, as its schema gave them
 * @param where the stage that gives the output, for messages
 * @throws ValidationError RW_OUTPUT_INVALID for rows that are not one tensor together
 * @throws RequestError 400 for an output that JSON does not have
 */
export function encodeInfer(
  rows: readonly unknown[],
  { outputs, id }: Pick<InferCall, 'outputs' | 'id'>,
  signature: ServableSignature,
  { modelName, modelVersion }: Pick<ExchangeRequest, 'modelName' | 'modelVersion'>,
  where: string,
): ExchangeAnswer {
  const issues = new IssueList();
  const tails: BinaryElements[] = [];
  const texts: string[] = [];
  for (const { spec, binary, named } of outputs) {
    const values = signature.output.whole
      ? rows
      : rows.map((row) => (row as Record<string, unknown>)[spec.name]);
    const place: readonly PathSegment[] = signature.output.whole ? [] : [spec.name];
    const pathOf = (row: number): readonly PathSegment[] => (signature.batch ? [row, ...place] : place);
    // An optional field that no row has.
    if (!named && spec.optional && values.every(isAbsent)) continue;
    const tensor = stackRows({ spec, values, batch: signature.batch, pathOf, issues });
    if (tensor === undefined) continue;
    if (!binary) {
      texts.push(tensorText(tensor, `"data":${elementsToJson(tensor)}`));
      continue;
    }
    const tail = new BinaryElements(tensor);
    tails.push(tail);
    texts.push(tensorText(tensor, `"parameters":{"binary_data_size":${tail.byteLength}}`));
  }
  if (!issues.isEmpty) throw new ValidationError('output', issues.toArray(), where);
  const head = JSON.stringify({ model_name: modelName, model_version: modelVersion, id });
  const json = `${head.slice(0, -1)},"outputs":[${texts.join()}]}`;
  if (tails.length === 0) return { status: 200, contentType: JSON_TYPE, body: json };
  return { status: 200, contentType: BINARY_TYPE, ...joined(json, tails) };
}

function tensorText({ spec, dims }: OutputTensor, rest: string): string {
  return `{"name":${JSON.stringify(spec.name)},"datatype":"${spec.datatype}","shape":[${dims.join()}],${rest}}`;
}

function joined(
  json: string,
  tails: readonly BinaryElements[],
): Pick<ExchangeAnswer, 'body' | 'headerLength'> {
  const headerLength = Buffer.byteLength(json);
  // Not from the pool: whoever sends it to another thread sends its whole ArrayBuffer.
  const body = Buffer.allocUnsafeSlow(tails.reduce((sum, { byteLength }) => sum + byteLength, headerLength));
  body.write(json);
  let offset = headerLength;
  for (const tail of tails) {
    tail.copyTo(body, offset);
    offset += tail.byteLength;
  }
  return { headerLength, body };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
