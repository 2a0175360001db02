import type { HttpAnswer } from '../http/HttpRequest';
import { UnavailableError } from '../http/UnavailableError';
import { errorCodesOf } from './errorCodesOf';

/** What a registry answers to a blob that it does not take, which may go better the next time, in another session. */
export class RefusedUpload extends UnavailableError {
  readonly status: number;
  readonly codes: readonly string[];

  /**
   * @param length bytes that were sent
   * @param what by default the status and the codes of the answer
   */
  constructor(
    where: string,
    { status, body }: HttpAnswer,
    readonly length: number,
    what?: string,
  ) {
    const codes = errorCodesOf(body);
    super({
      where,
      what: what ?? `the registry does not take the blob: ${[status, ...codes].join(' ')}`,
      hint: 'Try again; if it stays so, look at the log of the registry',
    });
    this.status = status;
    this.codes = codes;
  }
}
