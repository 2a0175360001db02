import { packageRoot } from '../../artifact/packageRoot';
import { RunwrightError } from '../../errors/RunwrightError';
import type { Authorizer } from '../http/Authorizer';
import { readVesslToken } from './readVesslToken';

/** A token, and whatever else may stand in a header: no space, no control character. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Says to the platform who is asking, by the token that the user has for the Python SDK. */
export class VesslAuthorizer implements Authorizer {
  readonly login: string;
  #token: Promise<string> | undefined;

  /**
   * @param origin of the platform
   * @param where for messages: the registry
   */
  constructor(
    readonly origin: string,
    private readonly where: string,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {
    const url = /^vessl:\/\/./.test(where) ? where : 'vessl://<organization>';
    this.login = `runwright login ${url} --token-stdin`;
  }

  /** @throws RunwrightError RW_REGISTRY_DENIED (there is no token) */
  async headers(): Promise<Record<string, string>> {
    this.#token ??= this.#read();
    const reading = this.#token;
    const token = await reading.catch((error: unknown) => {
      // The next request looks again: the user may have logged in meanwhile.
      if (this.#token === reading) this.#token = undefined;
      throw error;
    });
    const { version } = packageRoot().packageJson;
    return { authorization: `Token ${token}`, 'x-source': 'sdk', 'x-version': version };
  }

  /** A process that lives long looks whether the user has logged in anew. */
  async refused(): Promise<boolean> {
    const before = await this.#token?.catch(() => undefined);
    const now = await this.#read().catch(() => undefined);
    if (now === undefined || now === before) return false;
    this.#token = Promise.resolve(now);
    return true;
  }

  async #read(): Promise<string> {
    const { token, source } = await readVesslToken(this.environment);
    const trimmed = token?.trim() ?? '';
    if (TOKEN.test(trimmed)) return trimmed;
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: this.where,
      what:
        trimmed === ''
          ? `there is no access token of VESSL (looked for at last in ${source})`
          : `what stands as access token in ${source} cannot be one: it has a space or a control character`,
      hint: `Run \`${this.login}\`, or set VESSL_ACCESS_TOKEN`,
    });
  }
}
