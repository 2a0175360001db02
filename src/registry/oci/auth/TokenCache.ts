import type { Token } from './TokenService';

/** The tokens of a registry, one for each scope, for as long as each is good. */
export class TokenCache {
  readonly #known = new Map<string, Token>();
  readonly #asked = new Map<string, Promise<Token>>();

  /** @param ask called when there is none, or an old one; once for all that wait for the same scope */
  get(scope: string, ask: (scope: string) => Promise<Token>): Promise<Token> {
    const known = this.#known.get(scope);
    if (known !== undefined && performance.now() < known.renewAt) return Promise.resolve(known);
    const asked = this.#asked.get(scope);
    if (asked !== undefined) return asked;
    const token = this.#keep(scope, ask);
    this.#asked.set(scope, token);
    return token;
  }

  /** Takes a token out that was refused, unless another one stands there by now. */
  forget(scope: string, token: unknown): void {
    if (this.#known.get(scope) === token) this.#known.delete(scope);
  }

  async #keep(scope: string, ask: (scope: string) => Promise<Token>): Promise<Token> {
    try {
      const token = await ask(scope);
      this.#known.set(scope, token);
      return token;
    } finally {
      this.#asked.delete(scope);
    }
  }
}
