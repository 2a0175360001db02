import { formatReference } from '../../artifact/Reference';
import { HttpClient, type HttpClientOptions } from '../http/HttpClient';
import { RETRY_POLICY, type RetryPolicy } from '../http/RetryPolicy';
import type { RepositoryName } from '../Registry';
import { S3Authorizer } from './S3Authorizer';
import { VesslApi, type VesslModel } from './VesslApi';
import { VesslAuthorizer } from './VesslAuthorizer';
import { Volume } from './Volume';
import { VolumeGrants } from './VolumeGrants';

export interface VesslPlatformOptions {
  /** For messages: `vessl://organization`. */
  readonly url: string;
  readonly apiHost: URL;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** The two services that VESSL is to a client: a REST interface, and an object store for each model. */
export class VesslPlatform {
  readonly api: VesslApi;
  readonly #grants: VolumeGrants;
  readonly #stores = new Map<string, HttpClient>();
  readonly #options: HttpClientOptions;
  readonly #endpoint: string | undefined;

  constructor({ url, apiHost, environment = process.env, retry }: VesslPlatformOptions) {
    const authorizer = new VesslAuthorizer(apiHost.origin, url, environment);
    this.#options = { environment, retry };
    this.api = new VesslApi(new HttpClient({ ...this.#options, authorizer }), apiHost, url);
    this.#grants = new VolumeGrants(this.api, url);
    this.#endpoint = environment['VESSL_VOLUME_S3_API_ENDPOINT_URL'] || undefined;
  }

  volume(name: RepositoryName, { number, volumeId }: VesslModel): Volume {
    return new Volume({
      id: volumeId,
      where: formatReference({ ...name, number }),
      grants: this.#grants,
      endpoint: this.#endpoint,
      http: (origin) => this.#store(origin),
      retry: { ...RETRY_POLICY, ...this.#options.retry },
    });
  }

  /** One client for each store, whose connections all volumes share. */
  #store(origin: string): HttpClient {
    let client = this.#stores.get(origin);
    if (client === undefined) {
      const authorizer = new S3Authorizer(origin, this.#grants);
      client = new HttpClient({ ...this.#options, authorizer });
      this.#stores.set(origin, client);
    }
    return client;
  }
}
