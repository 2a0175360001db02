import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface TestAuth {
  readonly kind: 'basic' | 'token';
  readonly username: string;
  readonly password: string;
  /** Seconds that a token lives. Default 300. */
  readonly expiresIn?: number;
  /** A refresh token that the token service takes by POST. */
  readonly identityToken?: string;
}

/** The credentials that a `TestOciRegistry` asks for. */
export class TestTokens {
  readonly #tokens = new Map<string, { readonly scopes: readonly string[]; readonly until: number }>();
  /** Tokens given so far. */
  given = 0;

  constructor(
    readonly auth: TestAuth,
    readonly origin: () => string,
  ) {}

  /** What all tokens given so far are worth from now on: nothing. */
  expireAll(): void {
    this.#tokens.clear();
  }

  /** The challenge to answer with; `undefined` when the request may go on. */
  challenge(request: IncomingMessage, scope: string): string | undefined {
    const { authorization = '' } = request.headers;
    if (this.auth.kind === 'basic') return this.#isBasic(authorization) ? undefined : 'Basic realm="test"';
    const token = this.#tokens.get(/^Bearer (.+)$/.exec(authorization)?.[1] ?? '');
    const covers =
      token !== undefined && token.until > Date.now() && token.scopes.some((s) => covered(s, scope));
    return covers
      ? undefined
      : `Bearer realm="${this.origin()}/token",service="test-registry",scope="${scope}"`;
  }

  /** The token service: GET with Basic, or POST with a refresh token. */
  async give(request: IncomingMessage, query: URLSearchParams): Promise<{ status: number; body: unknown }> {
    const form = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : query;
    const allowed =
      request.method === 'POST'
        ? form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === this.auth.identityToken
        : this.#isBasic(request.headers.authorization ?? '');
    if (!allowed) return { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'no' }] } };
    const token = randomUUID();
    const expiresIn = this.auth.expiresIn ?? 300;
    const scopes = form.getAll('scope').flatMap((scope) => scope.split(' '));
    this.#tokens.set(token, { scopes, until: Date.now() + expiresIn * 1000 });
    this.given += 1;
    return { status: 200, body: { token, access_token: token, expires_in: expiresIn } };
  }

  #isBasic(authorization: string): boolean {
    const { username, password } = this.auth;
    return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
}

/** `repository:a/b:pull,push` covers `repository:a/b:pull`. */
function covered(granted: string, wanted: string): boolean {
  const [grantedActions, wantedActions] = [granted, wanted].map((s) =>
    s.slice(s.lastIndexOf(':') + 1).split(','),
  );
  const isSame = granted.slice(0, granted.lastIndexOf(':')) === wanted.slice(0, wanted.lastIndexOf(':'));
  return isSame && (wantedActions ?? []).every((action) => grantedActions?.includes(action));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
