import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { formatYaml } from '../../src/registry/vessl/formatYaml';
import { VesslRegistry } from '../../src/registry/vessl/VesslRegistry';
import { TestVesslPlatform, type VesslRequest } from '../registry/TestVesslPlatform';
import { putPackage } from '../registry/testPackage';
import { requireProgram } from './requireProgram';

const PYTHON =
  process.env.RUNWRIGHT_VESSL_PYTHON ?? ['python3', 'python'].find((name) => hasVessl(name)) ?? 'python3';

const LABELS = Buffer.from('cat\ndog\n');
const MIB = 1024 * 1024;

function hasVessl(python: string): boolean {
  const code = 'import importlib.util as u, sys; sys.exit(0 if u.find_spec("vessl") else 1)';
  return spawnSync(python, ['-c', code], { stdio: 'ignore' }).status === 0;
}

/** One request, without what differs from run to run. */
interface Shape {
  /** `PUT volume/data/labels.txt`, `POST organizations/acme/model_repositories {"name":"echo"}`. */
  readonly line: string;
  readonly plane: 'api' | 's3';
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

const IGNORED = new Set(['host', 'connection', 'content-length', 'x-amz-date', 'amz-sdk-invocation-id']);

function shapeOf({ plane, method, path, query, headers, body }: VesslRequest): Shape {
  const volume = /^\/vessl-models\/volumes\/\d+\//;
  const place = decodeURIComponent(path)
    .replace(volume, 'volume/')
    .replace(/^\/api\/v1\//, '')
    .replace(/^volumes\/\d+/, 'volumes/{id}')
    .replace(/[0-9a-f]{64}$/, '{sha256}');
  const pairs = [...query].map(([key, value]) => `${key}=${value.replace(/volumes\/\d+\//, 'volume/')}`);
  const stable = pairs.map((pair) => pair.replace(/^uploadId=.*/, 'uploadId={id}'));
  const json = plane === 'api' && body.length > 0 ? ` ${JSON.stringify(JSON.parse(body.toString()))}` : '';
  const kept = Object.entries(headers).filter(([name]) => !IGNORED.has(name));
  const values = kept.map(([name, value]) => [name, normalise(name, String(value))] as const);
  return {
    line: `${method} ${place}${stable.length > 0 ? `?${stable.join('&')}` : ''}${json}`,
    plane,
    method,
    headers: Object.fromEntries(values),
  };
}

function normalise(name: string, value: string): string {
  if (name === 'authorization') {
    return value.replace(/Credential=[^/]+\/\d+/, 'Credential=').replace(/SignedHeaders=.*/, '');
  }
  if (name === 'x-amz-content-sha256') return /^[0-9a-f]{64}$/.test(value) ? '{sha256 of the body}' : value;
  if (name === 'x-amz-security-token') return '{token}';
  return value;
}

/** How two lists of requests differ, each difference in a few words. */
function differences(theirs: readonly Shape[], ours: readonly Shape[]): Set<string> {
  const found = new Set<string>();
  const lines = (shapes: readonly Shape[]): Map<string, Shape[]> => {
    const groups = new Map<string, Shape[]>();
    for (const shape of shapes) groups.set(shape.line, [...(groups.get(shape.line) ?? []), shape]);
    return groups;
  };
  const [sdk, own] = [lines(theirs), lines(ours)];
  for (const [line, shapes] of sdk) {
    const equal = own.get(line);
    if (equal === undefined) found.add(`only the SDK: ${line}`);
    else if (equal.length !== shapes.length) found.add(`how often: ${line}`);
  }
  for (const [line, [shape]] of own) {
    const [other] = sdk.get(line) ?? [];
    if (other === undefined || shape === undefined) {
      if (other === undefined) found.add(`only Runwright: ${line}`);
      continue;
    }
    for (const name of new Set([...Object.keys(shape.headers), ...Object.keys(other.headers)])) {
      if (shape.headers[name] !== other.headers[name]) found.add(`header of ${shape.plane}: ${name}`);
    }
  }
  return found;
}

/** The first column of the table of differences in the document. */
function documented(): Set<string> {
  const text = readFileSync(join(__dirname, '../../docs/registries/vessl.md'), 'utf8');
  const section = text.split('<!-- differences -->')[1]?.split('<!-- end -->')[0] ?? '';
  return new Set([...section.matchAll(/^\| `([^`]+)`/gm)].map(([, difference = '']) => difference));
}

requireProgram(
  PYTHON,
  ['-c', 'import importlib.util as u, sys; sys.exit(0 if u.find_spec("vessl") else 1)'],
  'the Python package vessl',
)('the VESSL SDK and Runwright', () => {
  let home = '';
  let platform: TestVesslPlatform;
  let runs = 0;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'runwright-vessl-parity-'));
  });
  beforeEach(async () => {
    platform = await TestVesslPlatform.start();
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });
  afterEach(async () => {
    await platform.stop();
  });
  const sdk = async (args: readonly string[], input = ''): Promise<unknown> => {
    const cwd = join(home, `run-${(runs += 1)}`);
    mkdirSync(join(cwd, 'data'), { recursive: true });
    writeFileSync(join(cwd, 'data', 'labels.txt'), LABELS);
    const { PATH = '', SystemRoot } = process.env;
    const child = spawn(PYTHON, ['-P', join(__dirname, 'vesslSdk.py'), ...args], {
      cwd,
      env: {
        PATH,
        ...(SystemRoot !== undefined && { SystemRoot }),
        HOME: cwd,
        VESSL_API_HOST: platform.origin,
        VESSL_ACCESS_TOKEN: platform.token,
        VESSL_CONFIG_PATH: join(cwd, 'config'),
        PYTHONDONTWRITEBYTECODE: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    child.stdin.end(input);
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, errors: status === 0 ? '' : Buffer.concat(errors).toString() }).toEqual({
      status: 0,
      errors: '',
    });
    return JSON.parse(Buffer.concat(output).toString().trimEnd().split('\n').at(-1) ?? '');
  };
  const open = (): VesslRegistry =>
    new VesslRegistry({
      url: 'vessl://acme',
      organization: 'acme',
      apiHost: new URL(platform.origin),
      environment: {
        VESSL_ACCESS_TOKEN: platform.token,
        VESSL_CONFIG_PATH: join(home, 'no-config'),
        RUNWRIGHT_CACHE: join(home, `cache-${(runs += 1)}`),
      },
    });
  /** A runner with `@Load` alone, like the one of vesslSdk.py, and one artifact. */
  const publish = async (number: number | null, code = 'one') => {
    const publication = await open().publish({ organization: 'acme', repository: 'echo' });
    const manifest = await putPackage(publication, { 'data/labels.txt': LABELS }, code);
    return publication.commit({ manifest, number });
  };
  const record = async (work: () => Promise<unknown>): Promise<Shape[]> => {
    const from = platform.requests.length;
    await work();
    return platform.requests.slice(from).map(shapeOf);
  };
  const yamlOf = (number: number): unknown =>
    parseYaml(platform.files('echo', number).get('vessl.manifest.yaml')?.toString() ?? '', {
      version: '1.1',
    });

  it('send the same requests, but for the differences that docs/registries/vessl.md names', async () => {
    const all = new Set<string>();
    const note = (found: Iterable<string>): void => {
      for (const difference of found) all.add(difference);
    };
    const theirNew = await record(() => sdk(['register', 'new']));
    const theirYaml = yamlOf(1) as Record<string, unknown>;
    await open().createModel({ organization: 'acme', repository: 'other' });
    await sdk(['register', 'new']);
    const theirAgain = await record(() => sdk(['register', '2']));
    const theirParts = await record(async () => {
      const path = join(home, 'big.bin');
      writeFileSync(path, Buffer.alloc(9 * MIB, 'x'));
      await sdk(['upload', path]);
    });
    expect(platform.requests.every(({ status }) => status < 400 || status === 404)).toBe(true);
    await platform.stop();

    platform = await TestVesslPlatform.start();
    const ourNew = await record(() => publish(null));
    const ourYaml = yamlOf(1) as Record<string, unknown>;
    await publish(null);
    const ourAgain = await record(() => publish(2, 'two'));
    const ourParts = await record(async () => {
      const registry = open();
      const publication = await registry.publish({ organization: 'acme', repository: 'big' });
      const manifest = await putPackage(publication, { 'big.bin': Buffer.alloc(9 * MIB, 'x') });
      await publication.commit({ manifest, number: null });
    });
    const ofBig = (shapes: readonly Shape[]) => shapes.filter(({ line }) => line.includes('volume/big.bin'));

    note(differences(theirNew, ourNew));
    note(differences(theirAgain, ourAgain));
    note(differences(ofBig(theirParts), ofBig(ourParts)));
    for (const field of new Set([...Object.keys(theirYaml), ...Object.keys(ourYaml)])) {
      try {
        expect(ourYaml[field]).toEqual(theirYaml[field]);
      } catch {
        all.add(`field of vessl.manifest.yaml: ${field}`);
      }
    }
    const last = (shapes: readonly Shape[]) => shapes.findLast(({ method }) => method === 'PUT')?.line;
    if (last(theirNew) !== last(ourNew)) all.add('order: what is put last');
    expect([...all].sort()).toEqual([...documented()].sort());
  });

  it('read a model that Runwright registered', async () => {
    await publish(null);
    await publish(null);
    await publish(2, 'two');
    const seen = (await sdk(['read', '2'])) as Record<string, unknown>;
    const files = platform.files('echo', 2);
    expect(seen).toEqual({
      number: 2,
      servable: true,
      numbers: [1, 2],
      repositories: ['echo'],
      downloaded: Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString('hex')])),
      served: expect.stringContaining('Unknown save type') as unknown,
    });
    expect(files.get('data/labels.txt')).toEqual(LABELS);
    const yaml = files.get('vessl.manifest.yaml')?.toString() ?? '';
    expect(await sdk(['validate'], yaml)).toEqual(parseYaml(yaml));
  });

  it('can have files of names that begin alike', async () => {
    const files = Object.fromEntries(
      ['w.bin', 'w.bin.sum', 'code.txt', 'v', 'data/a b+c.txt', 'data/ü.txt'].map((path) => [
        path,
        Buffer.from(path),
      ]),
    );
    const publication = await open().publish({ organization: 'acme', repository: 'echo' });
    await publication.commit({ manifest: await putPackage(publication, files), number: null });
    const { downloaded } = (await sdk(['read', '1'])) as { downloaded: Record<string, string> };
    const there = platform.files('echo', 1);
    expect(downloaded).toEqual(
      Object.fromEntries([...there].map(([path, bytes]) => [path, bytes.toString('hex')])),
    );
    const { artifacts } = yamlOf(1) as { artifacts: Record<string, string> };
    for (const [path, content] of Object.entries(files)) {
      expect(there.get(artifacts[path] ?? '')).toEqual(content);
    }
  });

  it("leave each other's models alone", async () => {
    await sdk(['register', 'new']);
    const before = platform.files('echo', 1);
    expect(await open().readEntry({ organization: 'acme', repository: 'echo' }, 1)).toMatchObject({
      servable: false,
    });
    await expect(publish(1)).rejects.toMatchObject({ code: 'RW_MODEL_CONFLICT' });
    expect(platform.files('echo', 1)).toEqual(before);
    expect((await publish(null)).number).toBe(2);
  });

  it('read the same out of what formatYaml writes', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        'yes',
        'NO',
        'null',
        '~',
        '',
        '1',
        '1.5',
        '1e3',
        '0x1f',
        '1:30',
        '2024-01-01',
        '=',
        '<<',
        'a: b',
        '# c',
        'x'.repeat(1500),
      ),
    );
    const record = fc.dictionary(text, text, { noNullPrototype: true });
    const values = fc.sample(
      fc.record({
        artifacts: record,
        requirements: fc.array(text),
        model: fc.record({ save_output: fc.option(record) }),
      }),
      200,
    );
    const texts = values.map((value) => formatYaml(value));
    expect(await sdk(['parse'], JSON.stringify(texts))).toEqual(values);
  });
});
