import type { IncomingHttpHeaders } from 'node:http';
import { RunwrightError } from '../../../errors/RunwrightError';
import type { Authorizer } from '../../http/Authorizer';
import type { HttpClientOptions } from '../../http/HttpClient';
import type { HttpRequest } from '../../http/HttpRequest';
import { resolveUrl } from '../../http/resolveUrl';
import { isLoopback } from '../../isLoopback';
import { basicHeader } from './basicHeader';
import type { CredentialOptions, DockerCredentials } from './DockerCredentials';
import { loginCommand } from './loginCommand';
import { parseChallenges } from './parseChallenges';
import { readDockerCredentials } from './readDockerCredentials';
import { TokenCache } from './TokenCache';
import { TokenService, type Token } from './TokenService';

export interface OciAuthorizerOptions extends CredentialOptions, Pick<HttpClientOptions, 'limits' | 'retry'> {
  /** Scheme, host and port of the registry. */
  readonly origin: URL;
  /** The name under which its credentials are looked up. Default: that of `origin`, which never has the port of its scheme. */
  readonly host?: string | undefined;
  /** Credentials to use instead of those that are kept: a login tries them before it keeps them. */
  readonly credentials?: DockerCredentials | undefined;
}

/**
 * Shows a registry who asks, in the way that its first refusal asks for: Basic, or a token for each scope
 * (distribution, docs/spec/auth/token.md). Credentials are looked up when they are first wanted (`readDockerCredentials`); a
 * token is asked for without any when there are none. Tokens stay in memory.
 */
export class OciAuthorizer implements Authorizer {
  readonly origin: string;
  readonly login: string;
  readonly #tokens = new TokenCache();
  /** What the registry wanted besides what a request asked for, by that. */
  readonly #wider = new Map<string, string>();
  /** What went with a request: another one may have got something newer since. */
  readonly #shown = new WeakMap<HttpRequest, Token | string>();
  #credentials: Promise<DockerCredentials | undefined> | undefined;
  #service: TokenService | undefined;
  /** What `#service` was made for. */
  #named = '';
  #basic: string | undefined;

  constructor(private readonly options: OciAuthorizerOptions) {
    this.origin = options.origin.origin;
    this.login = loginCommand(options.origin, options.host ?? options.origin.host);
  }

  async headers(request: HttpRequest): Promise<Readonly<Record<string, string>>> {
    if (this.#basic !== undefined) {
      this.#shown.set(request, this.#basic);
      return { authorization: this.#basic };
    }
    if (this.#service === undefined) return {};
    const { scope = '' } = request;
    const token = await this.#token(this.#service, this.#wider.get(scope) ?? scope);
    this.#shown.set(request, token);
    return { authorization: `Bearer ${token.value}` };
  }

  /** @throws RunwrightError RW_REGISTRY_DENIED (there are no credentials, or the token service refuses them), and as `TokenService` */
  async refused(
    request: HttpRequest,
    { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
  ): Promise<boolean> {
    if (status !== 401) return false;
    const challenges = parseChallenges(headers['www-authenticate'] ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
    const realm = bearer?.get('realm');
    if (bearer !== undefined && realm !== undefined) {
      const service = this.#serviceAt(this.#realm(realm), bearer.get('service'));
      const scope = this.#widen(request.scope ?? '', bearer.get('scope') ?? '');
      this.#tokens.forget(scope, this.#shown.get(request));
      // Fetched now, so that whatever is wrong with it is known as what it is.
      await this.#token(service, scope);
      return true;
    }
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return false;
    if (this.#basic === undefined || this.#basic === this.#shown.get(request)) await this.#useBasic();
    return this.#basic !== this.#shown.get(request);
  }

  /** What is to be asked for: what the request names, and what the registry says that it wants. */
  #widen(asked: string, wanted: string): string {
    // A request that names nothing may be about anything: what was wanted before is not what is wanted now.
    const before = asked === '' ? '' : (this.#wider.get(asked) ?? asked);
    const all = new Set(`${before} ${wanted}`.split(' '));
    all.delete('');
    const scope = [...all].join(' ');
    if (scope !== asked) this.#wider.set(asked, scope);
    return scope;
  }

  /** The same one for as long as the registry names the same: it knows whether it was ever reached. */
  #serviceAt(realm: URL, service: string | undefined): TokenService {
    const named = JSON.stringify([realm.href, service]);
    if (this.#service === undefined || named !== this.#named) {
      this.#service = new TokenService(this.options.origin, realm, service, {
        ...this.options,
        login: this.login,
      });
      this.#named = named;
    }
    return this.#service;
  }

  #realm(realm: string): URL {
    const url = resolveUrl(realm);
    if (url !== undefined) return url;
    throw new RunwrightError('RW_REGISTRY_ANSWER', {
      where: this.options.origin.host,
      what: 'the registry names a token service by what is no URL',
      hint: 'Set the registry up to name an https realm',
    });
  }

  #token(service: TokenService, scope: string): Promise<Token> {
    return this.#tokens.get(scope, async () => {
      try {
        return await service.token(scope, await this.#read());
      } catch (error) {
        // A helper may have better ones the next time.
        this.#credentials = undefined;
        throw error;
      }
    });
  }

  /** Who listens on the way would have the password. */
  #requirePrivate(): void {
    const { origin } = this.options;
    if (origin.protocol === 'https:' || isLoopback(origin.hostname)) return;
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: origin.host,
      what: 'the registry wants a name and a password over plain http: it is not sent any credentials',
      hint: 'Set the registry up to speak https, and name it as oci://',
    });
  }

  async #useBasic(): Promise<void> {
    this.#requirePrivate();
    // What was right before may have been renewed by its helper meanwhile.
    if (this.#basic !== undefined) this.#credentials = undefined;
    const credentials = await this.#read().catch((error: unknown) => {
      this.#credentials = undefined;
      throw error;
    });
    if (credentials === undefined || !('username' in credentials)) {
      throw new RunwrightError('RW_REGISTRY_DENIED', {
        where: this.options.origin.host,
        what:
          credentials === undefined
            ? 'the registry wants a name and a password, and there are none for this host'
            : 'the registry wants a name and a password, and there is only an identity token for this host',
        hint: `Log in with \`${this.login}\`, \`docker login\` or \`podman login\``,
      });
    }
    this.#basic = basicHeader(credentials);
  }

  #read(): Promise<DockerCredentials | undefined> {
    if (this.options.credentials !== undefined) return Promise.resolve(this.options.credentials);
    const { origin, host = origin.host } = this.options;
    this.#credentials ??= readDockerCredentials(host, this.options).then((found) => found?.credentials);
    return this.#credentials;
  }
}
