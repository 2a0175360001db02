import type { Authorizer } from '../http/Authorizer';
import type { HttpRequest } from '../http/HttpRequest';
import type { VolumeGrants } from './VolumeGrants';

/** Signs requests to an object store (AWS Signature V4) with the keys of the volume that `scope` names by its id. */
export class S3Authorizer implements Authorizer {
  readonly #refused = new WeakSet<HttpRequest>();

  constructor(
    readonly origin: string,
    private readonly grants: VolumeGrants,
  ) {}

  async headers(request: HttpRequest): Promise<Record<string, string>> {
    const volumeId = Number(request.scope);
    const { region } = await this.grants.place(volumeId);
    const { accessKeyId, secretAccessKey, sessionToken } = await this.grants.keys(volumeId);
    const { AwsV4Signer } = await import('aws4fetch');
    const given = { ...request.headers };
    const signer = new AwsV4Signer({
      method: request.method,
      url: request.url.href,
      headers: given,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== '' && { sessionToken }),
      service: 's3',
      region,
    });
    const signed = Object.fromEntries((await signer.sign()).headers);
    for (const name of Object.keys(given)) delete signed[name];
    return signed;
  }

  /** The keys may have been withdrawn before their time. Asked once for each request: the next refusal is meant. */
  refused(request: HttpRequest): Promise<boolean> {
    if (this.#refused.has(request)) return Promise.resolve(false);
    this.#refused.add(request);
    this.grants.refuse(Number(request.scope));
    return Promise.resolve(true);
  }
}
