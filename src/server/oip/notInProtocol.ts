import { RequestError } from '../exchange/RequestError';

/** @param reason of `tensorSignature` */
export function notInProtocol(reason: string): RequestError {
  return new RequestError(
    404,
    `the model has no form in tensors: ${reason}`,
    'Use generate, or its own route, POST /models/<name>/predict',
  );
}
