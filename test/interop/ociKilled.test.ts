import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Descriptor } from '../../src/artifact/Descriptor';
import { hashFile } from '../../src/artifact/hashFile';
import { ANNOTATIONS } from '../../src/artifact/mediaTypes';
import { parseOciManifest } from '../../src/artifact/parseOciManifest';
import { LocalRegistry } from '../../src/registry/local/LocalRegistry';
import { resolveText } from '../registry/conformance/RegistryStage';
import { FaultProxy, type FaultProxyOptions } from '../registry/FaultProxy';
import { TestOciRegistry } from '../registry/TestOciRegistry';
import { putPackage } from '../registry/testPackage';
import { startDockerRegistry, type DockerRegistry } from './dockerRegistry';
import { requireProgram } from './requireProgram';

const MAIN = join(__dirname, '../../dist/cli/main.js');
const MB = 1_000_000;
/** In all; 1000 is what the project promises. */
const MEGABYTES = Number(process.env.RUNWRIGHT_KILLED_MB ?? 200);
/** Of different sizes, so that some are done while others are on their way. */
const SHARES = [2, 3, 4, 6, 8, 10, 12, 15, 18, 22];

const TIMEOUT = 600_000;

const run = promisify(execFile);

requireProgram('docker-registry')('a process that is killed', () => {
  let home = '';
  let digest = '';
  let layers: readonly Descriptor[] = [];
  let server: DockerRegistry | undefined;
  let proxy: FaultProxy | undefined;
  let test: TestOciRegistry | undefined;
  let child: ChildProcess | undefined;
  const local = () => new LocalRegistry({ directory: join(home, 'registry'), defaultOrganization: 'acme' });

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'runwright-killed-'));
    server = await startDockerRegistry();
    const files = Object.fromEntries(
      SHARES.map((share, at) => [
        `weights-${at}.bin`,
        writeRandom(join(home, `${at}`), (share * MEGABYTES * MB) / 100),
      ]),
    );
    const publication = await local().publish({ organization: 'acme', repository: 'big' });
    const manifest = await putPackage(publication, files);
    ({ layers } = parseOciManifest(manifest, 'big'));
    digest = String((await publication.commit({ manifest, number: null })).digest);
    for (const file of Object.values(files)) rmSync(file);
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await proxy?.stop();
    await test?.stop();
    [child, proxy, test] = [undefined, undefined, undefined];
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const startProxy = async (options: Omit<FaultProxyOptions, 'target'>): Promise<FaultProxy> =>
    (proxy = await FaultProxy.start({
      target: new URL(test?.origin ?? String(server?.origin)),
      ...options,
    }));
  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    ...process.env,
    RUNWRIGHT_REGISTRY: join(home, 'registry'),
    RUNWRIGHT_CACHE: join(home, 'cache'),
    RUNWRIGHT_ORGANIZATION: 'acme',
    DOCKER_CONFIG: home,
    ...more,
  });
  /** Starts a command and kills it when `isEnough`. */
  const kill = async (args: readonly string[], isEnough: () => boolean, more?: NodeJS.ProcessEnv) => {
    const killed = spawn(process.execPath, [MAIN, ...args], { env: environment(more), stdio: 'ignore' });
    child = killed;
    const ended = new Promise<string | null>((resolve) =>
      killed.once('exit', (_code, signal) => resolve(signal)),
    );
    while (!isEnough() && killed.exitCode === null) await sleep(2);
    killed.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    // What was on its way to the registry breaks off.
    await sleep(200);
  };
  const complete = async (args: readonly string[], more?: NodeJS.ProcessEnv): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [MAIN, ...args, '--json'], { env: environment(more) });
    return JSON.parse(stdout) as unknown;
  };
  const finished = ({ requests }: FaultProxy): Set<string> =>
    new Set(
      requests.flatMap(({ method, status, digest: blob }) =>
        method === 'PUT' && status === 201 && blob !== undefined ? [blob] : [],
      ),
    );
  const bytesOf = (through: FaultProxy): number =>
    layers.reduce((sum, layer) => sum + through.bytesOf(layer.digest), 0);
  const total = (): number => layers.reduce((sum, { size }) => sum + size, 0);

  it(
    'in the middle of a push, twice, sends no finished blob again',
    async () => {
      const through = await startProxy({ bandwidth: MEGABYTES * 0.1 * MB });
      const command = ['copy', 'acme/big:1', `oci://${through.host}/pushed`];
      const done = new Set<string>();
      for (const share of [0.3, 0.3]) {
        through.forget();
        await kill(command, () => finished(through).size >= 2 && bytesOf(through) > total() * share);
        for (const blob of finished(through)) {
          expect(done.has(blob)).toBe(false);
          done.add(blob);
        }
        expect(done.size).toBeLessThan(layers.length);
      }
      through.forget();
      expect(await complete(command)).toMatchObject({ number: 1, digest, sent: true });
      for (const { digest: blob, size } of layers) {
        // The registry may have finished one whose answer came too late for whoever was killed.
        expect(done.has(blob) ? [0] : [0, size]).toContain(through.bytesOf(blob));
      }
      expect(bytesOf(through)).toBeGreaterThan(0);
      // And what came there is right, and is found again.
      expect(await complete(['verify', `oci://${through.host}/pushed/acme/big:1`])).toMatchObject({
        digest,
        ok: true,
      });
      through.forget();
      expect(await complete(command)).toMatchObject({ number: 1, digest, sent: false });
      expect(bytesOf(through)).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'in the middle of a pull goes on where it was',
    async () => {
      const through = await startProxy({});
      const source = `oci://${through.host}/pushed/acme/big:1`;
      const slow = await FaultProxy.start({ target: through.origin, bandwidth: MEGABYTES * 0.1 * MB });
      const output = join(home, 'pulled');
      const cache = { RUNWRIGHT_CACHE: join(home, 'cache-of-the-pull') };
      const received = (): number => slow.requests.reduce((sum, { sent }) => sum + sent, 0);
      await kill(
        ['pull', source.replace(through.host, slow.host), '-o', output],
        () => received() > total() * 0.4,
        cache,
      );
      await slow.stop();
      const before = received();
      through.forget();
      expect(await complete(['pull', source, '-o', output], cache)).toMatchObject({ digest });
      const ranges = through.requests.filter(({ range, status }) => range !== undefined && status === 206);
      expect(ranges.length).toBeGreaterThan(0);
      const after = through.requests.reduce((sum, { sent }) => sum + sent, 0);
      // What had not reached the disk comes again.
      expect(after).toBeLessThan(total() - before * 0.5);
      for (const { digest: blob, annotations } of layers) {
        const path = annotations?.[ANNOTATIONS.filepath] ?? '';
        if (path.startsWith('weights-')) expect((await hashFile(join(output, path))).digest).toBe(blob);
      }
    },
    TIMEOUT,
  );

  it(
    'in the middle of chunks goes on in the session, where the registry keeps it',
    async () => {
      test = await TestOciRegistry.start({ keepsSessions: true, relativeLocations: true });
      const through = await startProxy({ bandwidth: MEGABYTES * 0.1 * MB });
      const chunks = { RUNWRIGHT_UPLOAD_CHUNK: String(2 * MB) };
      const command = ['copy', 'acme/big:1', `oci://${through.host}`];
      const received = (): number => through.requests.reduce((sum, request) => sum + request.received, 0);
      await kill(command, () => received() > total() * 0.5, chunks);
      const before = received();
      through.forget();
      expect(await complete(command, chunks)).toMatchObject({ number: 1, digest, sent: true });
      // At most one chunk of each blob that was on its way comes again.
      expect(before + received()).toBeLessThan(total() + 10 * 2 * MB + MB);
      expect(before + received()).toBeGreaterThanOrEqual(total());
      const copied = join(home, 'copied');
      await complete(['copy', `oci://${through.host}/acme/big:1`, copied]);
      const back = new LocalRegistry({ directory: copied, defaultOrganization: 'acme' });
      expect((await resolveText(back, 'big')).digest).toBe(digest);
    },
    TIMEOUT,
  );
});

function writeRandom(path: string, size: number): string {
  const file = openSync(path, 'w');
  const block = randomBytes(Math.min(size, 4 * MB));
  for (let at = 0; at < size; at += block.length) {
    block.writeUInt32LE(at / block.length, 0);
    writeSync(file, block, 0, Math.min(block.length, size - at));
  }
  closeSync(file);
  return path;
}
