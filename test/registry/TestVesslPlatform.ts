import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { s3Error, TestS3, type S3Answer } from './TestS3';

/** One request as it came, and what was answered. */
export interface VesslRequest {
  readonly plane: 'api' | 's3';
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Which one of its method and path it is, from 1. */
  readonly nth: number;
  status: number;
}

/** What goes wrong with a request. */
export type VesslFault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Ends the connection before anything is done. */
  | 'reset'
  /** Does nothing, and says so in the body of a 200, as S3 may where the work takes long. */
  | { readonly errorInBody: string }
  /** Does the work, and ends the connection instead of answering. */
  | 'loseAnswer'
  /** Ends the connection after so many bytes of the answer. */
  | { readonly truncateAfter: number }
  /** Milliseconds before it goes on. */
  | { readonly delay: number };

interface Model {
  readonly number: number;
  readonly volume: number;
  name: string | null;
}

interface Repository {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly models: Map<number, Model>;
  last: number;
}

const DATE = '2026-01-02T03:04:05.678901Z';

/**
 * The VESSL platform on loopback, as far as the Python SDK 0.1.199 and our driver use it: REST, and an object store at the
 * same origin. What it answers has the shapes of the SDK's generated models; the live service was never seen.
 *
 * @example
 * const platform = await TestVesslPlatform.start();
 * platform.intercept = ({ plane, nth }) => (plane === 's3' && nth === 1 ? { status: 503 } : undefined);
 * await platform.stop();
 */
export class TestVesslPlatform {
  readonly token = 'test-token';
  readonly bucket = 'vessl-models';
  readonly s3 = new TestS3();
  readonly requests: VesslRequest[] = [];
  readonly organizations = new Map([['acme', new Map<string, Repository>()]]);
  /** Milliseconds that keys to the store hold. */
  ttl = 3_600_000;
  provider = 's3';
  isReadOnly = false;
  /** Most entries of a page, whatever is asked for. */
  pageSize = 1000;
  /** What federate says; `undefined` for this server. */
  endpoint: string | undefined;
  /** Asked before every request; it may wait. */
  intercept: (request: VesslRequest) => VesslFault | undefined | Promise<VesslFault | undefined> = () =>
    undefined;
  readonly #counts = new Map<string, number>();
  #server: Server | undefined;
  #ids = 1000;

  private constructor() {}

  static async start(): Promise<TestVesslPlatform> {
    const platform = new TestVesslPlatform();
    const server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of request) chunks.push(chunk as Buffer);
        } catch {
          return;
        }
        const url = new URL(request.url ?? '/', 'http://host');
        const { method = 'GET', headers } = request;
        const nth = (platform.#counts.get(`${method} ${url.pathname}`) ?? 0) + 1;
        platform.#counts.set(`${method} ${url.pathname}`, nth);
        const seen: VesslRequest = {
          plane: url.pathname.startsWith('/api/') ? 'api' : 's3',
          method,
          path: url.pathname,
          query: url.searchParams,
          headers,
          body: Buffer.concat(chunks),
          nth,
          status: 0,
        };
        platform.requests.push(seen);
        const fault = await platform.intercept(seen);
        if (fault === 'reset') return void request.socket.destroy();
        if (typeof fault === 'object' && 'delay' in fault) await sleep(fault.delay);
        const answer =
          typeof fault === 'object' && 'status' in fault
            ? fault
            : typeof fault === 'object' && 'errorInBody' in fault
              ? s3Error(200, fault.errorInBody)
              : seen.plane === 'api'
                ? platform.#answer(seen)
                : platform.s3.answer(seen);
        seen.status = answer.status;
        if (fault === 'loseAnswer') return void request.socket.destroy();
        const body = Buffer.from(answer.body ?? '');
        response.writeHead(answer.status, { 'content-length': body.length, ...answer.headers });
        if (typeof fault !== 'object' || !('truncateAfter' in fault)) return void response.end(body);
        response.write(body.subarray(0, fault.truncateAfter), () => request.socket.destroy());
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    platform.#server = server;
    return platform;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** What lies on the volume of a model: path to bytes. */
  files(repository: string, number: number): Map<string, Buffer> {
    const start = `${this.bucket}/volumes/${this.#model(repository, number).volume}/`;
    const found = [...this.s3.objects].filter(([path]) => path.startsWith(start));
    return new Map(found.map(([path, { bytes }]) => [path.slice(start.length), bytes] as const).sort());
  }

  /** Puts a file on the volume of a model, as somebody else would. */
  putFile(repository: string, number: number, path: string, bytes: Buffer | string): void {
    this.s3.put(`${this.bucket}/volumes/${this.#model(repository, number).volume}/${path}`, bytes);
  }

  removeFile(repository: string, number: number, path: string): void {
    this.s3.objects.delete(`${this.bucket}/volumes/${this.#model(repository, number).volume}/${path}`);
  }

  /** Gives further numbers up to `count` what lies under one. */
  repeat(repository: string, number: number, count: number): void {
    const owner = this.organizations.get('acme')?.get(repository);
    const files = this.files(repository, number);
    while (owner !== undefined && owner.last < count) {
      owner.last += 1;
      owner.models.set(owner.last, { number: owner.last, volume: this.#id(), name: null });
      for (const [path, bytes] of files) this.putFile(repository, owner.last, path, bytes);
    }
  }

  #model(repository: string, number: number): Model {
    const model = this.organizations.get('acme')?.get(repository)?.models.get(number);
    if (model === undefined) throw new Error(`no model ${repository}:${number}`);
    return model;
  }

  #answer(request: VesslRequest): S3Answer {
    if (request.headers.authorization !== `Token ${this.token}`)
      return refuse(401, 'InvalidToken', 'Invalid token.');
    const [area, ...rest] = request.path.split('/').slice(3).map(decodeURIComponent);
    const text = request.body.toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
    if (area === 'accounts') {
      return ok({
        id: 3,
        username: 'dev',
        email: 'dev@example.com',
        organizations: [...this.organizations.keys()].map(organizationOf),
      });
    }
    if (area === 'organizations') return this.#organizations(request, rest, body);
    return area === 'volumes' ? this.#volumes(request, rest) : refuse(404, 'NotFound', 'No such route.');
  }

  #organizations(
    { method, query }: VesslRequest,
    path: readonly string[],
    body: Record<string, string>,
  ): S3Answer {
    const [organization = '', area, name = '', , number] = path;
    const repositories = this.organizations.get(organization);
    if (repositories === undefined) return refuse(404, 'NotFound', 'Organization not found.');
    if (path.length === 1) return ok(organizationOf(organization));
    if (area === 'projects') return ok({ results: [], page_info: { total_count: 0 } });
    if (path.length === 2) {
      if (method === 'GET')
        return this.#page(
          [...repositories.values()].map((found) => repositoryOf(organization, found)),
          query,
        );
      const wanted = String(body['name']);
      if (repositories.has(wanted)) {
        return refuse(409, 'AlreadyExists', 'Model repository already exists.', [
          { name: 'name', value: wanted, message: 'already exists' },
        ]);
      }
      return ok(repositoryOf(organization, this.#create(organization, wanted, body['description'])));
    }
    const repository = repositories.get(name);
    if (path.length === 4 && method === 'POST') {
      const owner = repository ?? this.#create(organization, name, body['repository_description']);
      owner.last += 1;
      const model = { number: owner.last, volume: this.#id(), name: body['model_name'] ?? null };
      owner.models.set(model.number, model);
      return ok(this.#modelOf(organization, owner, model));
    }
    if (repository === undefined) return refuse(404, 'NotFound', 'Model repository not found.');
    if (path.length === 3) return ok(repositoryOf(organization, repository));
    if (path.length === 4) {
      const newestFirst = [...repository.models.values()].reverse();
      return this.#page(
        newestFirst.map((model) => this.#modelOf(organization, repository, model)),
        query,
      );
    }
    const model = repository.models.get(Number(number));
    if (model !== undefined && method === 'DELETE') {
      repository.models.delete(model.number);
      return ok({});
    }
    return model === undefined
      ? refuse(404, 'NotFound', 'Model not found.')
      : ok(this.#modelOf(organization, repository, model));
  }

  #volumes({ method, query }: VesslRequest, path: readonly string[]): S3Answer {
    const [id = '', action] = path;
    const prefix = `volumes/${id}`;
    if (path.length === 1)
      return ok({ id: Number(id), is_read_only: this.isReadOnly, created_dt: DATE, updated_dt: DATE });
    if (action === 'federate' && method === 'POST') {
      const expiration = new Date(Date.now() + this.ttl).toISOString();
      const s3 = this.provider === 'gs' ? null : { ...this.s3.mint(this.ttl), expiration };
      const token = { provider: this.provider, gs: null, s3 };
      return ok({
        bucket: this.bucket,
        prefix,
        region: 'ap-northeast-2',
        token,
        endpoint: this.endpoint ?? this.origin,
      });
    }
    if (action !== 'files' || method !== 'GET') return refuse(404, 'NotFound', 'No such route.');
    const folder = [prefix, query.get('path')].filter((part) => part).join('/');
    const files = [...this.s3.objects].filter(([path]) => path.startsWith(`${this.bucket}/${folder}/`));
    return ok({
      results: files.map(([path, { bytes, etag }]) => ({
        path: path.slice(this.bucket.length + prefix.length + 2),
        size: bytes.length,
        is_dir: false,
        hash: etag.replaceAll('"', ''),
        updated_dt: DATE,
        download_url: null,
        upload_url: null,
      })),
    });
  }

  #page(rows: readonly unknown[], query: URLSearchParams): S3Answer {
    const offset = Number(query.get('offset') ?? 0);
    const limit = Math.min(Number(query.get('limit') ?? this.pageSize), this.pageSize);
    const results = rows.slice(offset, offset + limit);
    return ok({
      results,
      page_info: { total_count: rows.length, hasNextPage: offset + limit < rows.length },
    });
  }

  #create(organization: string, name: string, description: string | undefined): Repository {
    const repository = {
      id: this.#id(),
      name,
      description: description ?? null,
      models: new Map<number, Model>(),
      last: 0,
    };
    this.organizations.get(organization)?.set(name, repository);
    return repository;
  }

  #modelOf(organization: string, repository: Repository, { number, volume, name }: Model) {
    return {
      id: volume + 100_000,
      number,
      name,
      status: 'ready',
      status_reason: '',
      artifact_volume_id: volume,
      model_repository: repositoryOf(organization, repository),
      is_servable: this.s3.objects.has(`${this.bucket}/volumes/${volume}/vessl.manifest.yaml`),
      tags: [],
      created_dt: DATE,
      updated_dt: DATE,
    };
  }

  #id(): number {
    return (this.#ids += 1);
  }
}

function organizationOf(name: string) {
  return { id: 7, name, slug: name, display_name: name, created_dt: DATE, updated_dt: DATE };
}

function repositoryOf(organization: string, { id, name, description, models }: Repository) {
  return {
    id,
    name,
    description,
    organization: organizationOf(organization),
    model_summary: { total: models.size, latest_model: null },
    created_dt: DATE,
    updated_dt: DATE,
  };
}

function ok(value: unknown): S3Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function refuse(status: number, code: string, message: string, fields?: unknown): S3Answer {
  return { ...ok({ code, message, ...(fields !== undefined && { fields }) }), status };
}
