import { asRecord } from '../../../artifact/asRecord';
import { RunwrightError } from '../../../errors/RunwrightError';
import type { HttpAnswer, HttpRequest } from '../../http/HttpRequest';
import { HttpClient, type HttpClientOptions } from '../../http/HttpClient';
import { isLoopback } from '../../isLoopback';
import { basicHeader } from './basicHeader';
import type { DockerCredentials } from './DockerCredentials';

/** Seconds that a token is good for when the service does not say (distribution: docs/spec/auth/token.md). */
const LIFETIME = 60;

export interface Token {
  readonly value: string;
  /** By `performance.now()`: when to ask for another one, a while before it expires. */
  readonly renewAt: number;
}

/**
 * The service that a registry names for its tokens (distribution, docs/spec/auth: GET with Basic, or an OAuth2 refresh token).
 * Secrets go to nowhere but there: no redirect is followed.
 */
export class TokenService {
  readonly #client: HttpClient;
  /** What each request shows. */
  readonly #proofs = new WeakMap<HttpRequest, string>();

  /** @throws RunwrightError RW_REGISTRY_ANSWER when the realm is none that a token may be asked of */
  constructor(
    private readonly origin: URL,
    private readonly realm: URL,
    private readonly service: string | undefined,
    { login, ...http }: Omit<HttpClientOptions, 'authorizer'> & { readonly login?: string },
  ) {
    const headers = (request: HttpRequest): Promise<Record<string, string>> => {
      const authorization = this.#proofs.get(request);
      return Promise.resolve(authorization === undefined ? {} : { authorization });
    };
    const authorizer = { origin: realm.origin, login, headers, refused: () => Promise.resolve(false) };
    this.#client = new HttpClient({ ...http, authorizer });
    // A registry that is spoken to in the open may keep its tokens there as well; one that is not must not give them away.
    if (realm.protocol === 'https:' || (realm.protocol === 'http:' && origin.protocol === 'http:')) return;
    throw this.#answerError(
      'names a token service that is not spoken to by https',
      'Set the registry up to name an https realm',
    );
  }

  /** @param scope any number of scopes, with spaces between; empty for none */
  async token(scope: string, credentials: DockerCredentials | undefined): Promise<Token> {
    if (credentials !== undefined) this.#requirePrivate();
    const answer =
      credentials !== undefined && 'identityToken' in credentials
        ? await this.#refresh(scope, credentials.identityToken)
        : await this.#get(scope, credentials);
    if (answer.status !== 200)
      throw this.#answerError(
        'redirected a request for a token',
        'Set the registry up to name the final address',
      );
    return this.#read(answer);
  }

  #get(
    scope: string,
    credentials: Extract<DockerCredentials, { username: string }> | undefined,
  ): Promise<HttpAnswer> {
    const url = new URL(this.realm);
    if (this.service !== undefined) url.searchParams.set('service', this.service);
    for (const one of scopesOf(scope)) url.searchParams.append('scope', one);
    return this.#send({ method: 'GET', url }, credentials && basicHeader(credentials));
  }

  #refresh(scope: string, identityToken: string): Promise<HttpAnswer> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      service: this.service ?? this.origin.host,
      client_id: 'runwright',
      refresh_token: identityToken,
    });
    if (scope !== '') form.set('scope', scope);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.from(form.toString());
    return this.#send({ method: 'POST', url: this.realm, headers, body, repeatable: true });
  }

  #send(asked: Omit<HttpRequest, 'where'>, authorization?: string): Promise<HttpAnswer> {
    const request = { ...asked, where: this.origin.host, accept: [200, 301, 302, 303, 307, 308] };
    if (authorization !== undefined) this.#proofs.set(request, authorization);
    return this.#client.send(request);
  }

  #read({ body }: HttpAnswer): Token {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body.toString());
    } catch {
      // The cause would quote the answer.
    }
    const { token, access_token: accessToken, expires_in: expiresIn } = asRecord(parsed);
    const value = token || accessToken;
    // Anything else could not be sent in a header.
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      throw this.#answerError(
        'named a token service that answered without a token',
        'Look at how its token service is set up',
      );
    }
    const lifetime = (typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn : LIFETIME) * 1000;
    return { value, renewAt: performance.now() + lifetime - Math.min(30_000, lifetime / 4) };
  }

  #requirePrivate(): void {
    const { origin, realm } = this;
    if (realm.protocol === 'https:' || (isLoopback(origin.hostname) && isLoopback(realm.hostname))) return;
    throw this.#answerError(
      `names a token service that is spoken to by plain http (${realm.host}): it is not sent any credentials`,
      'Set the registry up to name an https realm',
    );
  }

  #answerError(what: string, hint: string): RunwrightError {
    return new RunwrightError('RW_REGISTRY_ANSWER', {
      where: this.origin.host,
      what: `the registry ${what}`,
      hint,
    });
  }
}

function scopesOf(scope: string): string[] {
  return scope.split(' ').filter((one) => one !== '');
}
