import { canonicalJson } from '../../artifact/canonicalJson';
import { isRecord } from '../../artifact/isRecord';
import { formatReference } from '../../artifact/Reference';
import { RunwrightError } from '../../errors/RunwrightError';
import type { HttpClient } from '../http/HttpClient';
import type { HttpAnswer, HttpRequest } from '../http/HttpRequest';
import type { RepositoryName } from '../Registry';
import { encodeSegment } from './encodeSegment';
import { parseVolumeGrant, type VolumeGrant } from './VolumeGrant';

/** A model as the platform knows it: a number, and a volume of its own. */
export interface VesslModel {
  readonly number: number;
  readonly volumeId: number;
}

export interface VesslAccount {
  readonly username: string;
  readonly organizations: readonly string[];
}

/** Entries of one page of a list. */
const PAGE = 100;

const DONE = [200, 201, 202, 204];

type Ask = Pick<HttpRequest, 'method' | 'where'> &
  Partial<Pick<HttpRequest, 'repeatable' | 'signal'>> & {
    readonly path: readonly (string | number)[];
    readonly query?: Readonly<Record<string, string | number>>;
    readonly json?: unknown;
    /** Statuses that are answers too. */
    readonly also?: readonly number[];
  };

/**
 * The platform's REST interface, as the generated client of `vessl` 0.1.199 speaks it.
 *
 * Every method throws RW_REGISTRY_UNAVAILABLE, RW_REGISTRY_DENIED, RW_REGISTRY_ANSWER.
 */
export class VesslApi {
  /** @param host scheme, host and port, and maybe a path that `/api/v1` comes behind */
  constructor(
    private readonly http: HttpClient,
    private readonly host: URL,
    private readonly where: string,
  ) {}

  /** Whose token it is. */
  async readAccount(): Promise<VesslAccount> {
    const answer = await this.#json({ method: 'GET', path: ['accounts', 'me'], where: this.where });
    const { username, organizations } = isRecord(answer) ? answer : {};
    if (typeof username !== 'string') throw this.#strange('the account', 'it has no `username`');
    const names = Array.isArray(organizations) ? organizations.map(nameOf) : [];
    return { username, organizations: names.filter((name) => name !== undefined) };
  }

  async repositoryExists({ organization, repository }: RepositoryName): Promise<boolean> {
    const path = repositoryPath(organization, repository);
    const where = formatReference({ organization, repository });
    return (await this.#find({ method: 'GET', path, where })) !== undefined;
  }

  /** Does nothing when somebody else has just created it. */
  async createRepository({ organization, repository }: RepositoryName): Promise<void> {
    const path = repositoryPath(organization);
    const where = formatReference({ organization, repository });
    const also = [404, 409];
    const { status } = await this.#send({ method: 'POST', path, json: { name: repository }, where, also });
    if (status !== 404) return;
    throw new RunwrightError('RW_MODEL_NOT_FOUND', {
      where,
      what: `VESSL knows no organization ${organization}, or does not show it to this account`,
      hint: 'Check the name, and who is a member of the organization',
    });
  }

  /** Names of the organization's repositories. @throws RunwrightError RW_MODEL_NOT_FOUND (the organization) */
  async listRepositories(organization: string): Promise<string[]> {
    const path = repositoryPath(organization);
    const rows = await this.#list(path, organization, nameOf);
    if (rows === undefined) {
      throw new RunwrightError('RW_MODEL_NOT_FOUND', {
        where: this.where,
        what: `${this.host.host} knows no organization ${organization}, or does not show it to this account`,
        hint: 'Check the name, VESSL_API_HOST, and who is a member of the organization',
      });
    }
    return rows.filter((name) => name !== undefined);
  }

  /** The platform gives the number. */
  async createModel(name: RepositoryName): Promise<VesslModel> {
    const path = modelPath(name);
    const where = formatReference(name);
    return this.#model(await this.#json({ method: 'POST', path, json: { paths: ['/'] }, where }), where);
  }

  async readModel(name: RepositoryName, number: number): Promise<VesslModel | undefined> {
    const path = modelPath(name, number);
    const where = formatReference({ ...name, number });
    const answer = await this.#find({ method: 'GET', path, where });
    return answer === undefined ? undefined : this.#model(answer, where);
  }

  /** Does nothing when it has gone already. */
  async deleteModel(name: RepositoryName, number: number): Promise<void> {
    const path = modelPath(name, number);
    await this.#find({ method: 'DELETE', path, where: formatReference({ ...name, number }) });
  }

  /** By number; `undefined` when there is no such repository. */
  async listModels(name: RepositoryName): Promise<VesslModel[] | undefined> {
    const where = formatReference(name);
    const models = await this.#list(modelPath(name), where, (row) => this.#model(row, where));
    return models?.sort((a, b) => a.number - b.number);
  }

  async isReadOnly(volumeId: number, where: string): Promise<boolean> {
    const answer = await this.#json({ method: 'GET', path: ['volumes', volumeId], where });
    return isRecord(answer) && answer['is_read_only'] === true;
  }

  /** Keys to the volume's place in an object store. */
  async federate(volumeId: number, where: string): Promise<VolumeGrant> {
    // Asking twice only gives two sets of keys.
    const answer = await this.#json({
      method: 'POST',
      path: ['volumes', volumeId, 'federate'],
      where,
      repeatable: true,
    });
    const grant = parseVolumeGrant(answer);
    if (grant === undefined) throw this.#strange('the place of a volume', 'it has no bucket or no token');
    return grant;
  }

  /** Path to size in bytes, for every file of a volume. */
  async listFiles(volumeId: number, where: string): Promise<Map<string, number>> {
    const query = { need_download_url: 'False', path: '', recursive: 'True' };
    const answer = await this.#json({ method: 'GET', path: ['volumes', volumeId, 'files'], query, where });
    if (!isRecord(answer) || !Array.isArray(answer['results'])) {
      throw this.#strange('the files of a volume', 'there are no `results`');
    }
    const files = new Map<string, number>();
    for (const row of answer['results'] as unknown[]) {
      if (!isRecord(row) || row['is_dir'] === true || typeof row['path'] !== 'string') continue;
      files.set(row['path'].replace(/^\/+/, ''), Number(row['size']));
    }
    return files;
  }

  /** All pages. A service that ignores `offset` gives the same page for ever: then there is nothing new on it. */
  async #list<T>(path: Ask['path'], where: string, read: (row: unknown) => T): Promise<T[] | undefined> {
    const found = new Map<string, T>();
    for (let offset = 0; ;) {
      const query = { limit: PAGE, offset };
      const answer = await this.#find({ method: 'GET', path, query, where });
      if (answer === undefined) return undefined;
      const rows = isRecord(answer) ? answer['results'] : undefined;
      if (!Array.isArray(rows)) throw this.#strange('a list', 'there are no `results`');
      const before = found.size;
      for (const row of rows as unknown[]) {
        const value = read(row);
        found.set(JSON.stringify(value), value);
      }
      offset += rows.length;
      const info = isRecord(answer) ? answer['page_info'] : undefined;
      const total = isRecord(info) ? info['total_count'] : undefined;
      if (found.size === before || (typeof total === 'number' && offset >= total)) return [...found.values()];
    }
  }

  #model(value: unknown, where: string): VesslModel {
    const { number, artifact_volume_id: volumeId } = isRecord(value) ? value : {};
    if (!Number.isSafeInteger(number) || !Number.isSafeInteger(volumeId)) {
      throw this.#strange(`a model of ${where}`, 'it has no `number` or no `artifact_volume_id`');
    }
    return { number: number as number, volumeId: volumeId as number };
  }

  /** `undefined` for 404. */
  async #find(ask: Ask): Promise<unknown> {
    const answer = await this.#send({ ...ask, also: [404] });
    return answer.status === 404 ? undefined : this.#read(answer);
  }

  async #json(ask: Ask): Promise<unknown> {
    return this.#read(await this.#send(ask));
  }

  #read({ body }: HttpAnswer): unknown {
    try {
      return JSON.parse(body.toString()) as unknown;
    } catch {
      throw this.#strange('what came', 'it is not JSON');
    }
  }

  #send({ path, query = {}, json, also = [], ...request }: Ask): Promise<HttpAnswer> {
    const url = new URL(this.host);
    const segments = ['api', 'v1', ...path.map((part) => encodeSegment(String(part)))];
    url.pathname = [url.pathname.replace(/\/+$/, ''), ...segments].join('/');
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    return this.http.send({
      ...request,
      url,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(json !== undefined && { body: canonicalJson(json) }),
      accept: [...DONE, ...also],
    });
  }

  #strange(subject: string, fault: string): RunwrightError {
    return new RunwrightError('RW_REGISTRY_ANSWER', {
      where: this.where,
      what: `VESSL answered ${subject} in a form that this Runwright does not know: ${fault}`,
      hint: 'Check VESSL_API_HOST, and update runwright',
    });
  }
}

function nameOf(row: unknown): string | undefined {
  const name = isRecord(row) ? row['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** What the platform has of a repository, or of all of them when no name is given. */
function repositoryPath(organization: string, ...rest: readonly (string | number)[]): (string | number)[] {
  return ['organizations', organization, 'model_repositories', ...rest];
}

function modelPath(
  { organization, repository }: RepositoryName,
  ...number: readonly number[]
): (string | number)[] {
  return repositoryPath(organization, repository, 'models', ...number);
}
