import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRegistry } from '../../src/registry/openRegistry';
import { TestOciRegistry } from '../registry/TestOciRegistry';
import { TestVesslPlatform } from '../registry/TestVesslPlatform';
import { putPackage } from '../registry/testPackage';
import { CliProject, type Ended } from './cliProcess';

const DIGEST = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
const PASSWORD = 'pass-word-2f91';
const MIB = 1024 * 1024;

let project: CliProject;
let server: TestOciRegistry;
let url: string;
beforeAll(async () => {
  project = await CliProject.create();
  server = await TestOciRegistry.start({
    auth: { kind: 'token', username: 'ada', password: PASSWORD },
  });
  url = `oci://${server.host}/models`;
});
afterAll(async () => {
  await server.stop();
  await project.remove();
});
afterEach(() => {
  server.intercept = () => undefined;
});

const environment = (): NodeJS.ProcessEnv => ({
  DOCKER_CONFIG: project.path('docker'),
  XDG_RUNTIME_DIR: '',
  REGISTRY_AUTH_FILE: '',
});
const run = (args: readonly string[], input = ''): Promise<Ended> => project.run(args, input, environment());
const json = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await run([...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('login', () => {
  const configFile = (): string => project.path('docker/config.json');

  it('says why nobody gets in, and where credentials are missing', async () => {
    const { code, stdout, stderr } = await run(['registry', '--registry', url, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      url,
      kind: 'oci',
      reason: 'option',
      organization: 'default',
      credentials: null,
      username: null,
      answers: false,
      error: expect.objectContaining({ code: 'RW_REGISTRY_DENIED' }) as unknown,
    });
    expect(stderr).toContain('runwright login');
    const login = await run(['login', url]);
    expect(login.code).toBe(1);
    expect(login.stderr).toContain(`fix: runwright login ${url} --username <name> --password-stdin`);
    // The registry in force.
    expect((await run(['login', '--registry', url])).stderr).toContain(`runwright login ${url} `);
    const listed = await run(['list', '--registry', url]);
    expect(listed.code).toBe(1);
  });

  it('keeps nothing that the registry refuses, and repeats no password', async () => {
    const given = ['login', url, '--username', 'ada', '--password-stdin'];
    const { code, stdout, stderr } = await run(given, 'wrong-word-77\n');
    expect(code).toBe(1);
    expect(stderr).toContain('the name or the password is wrong; nothing was kept [RW_REGISTRY_DENIED]');
    expect(stdout + stderr).not.toContain('wrong-word-77');
    expect(existsSync(configFile())).toBe(false);
  });

  it('keeps what is right where Docker does, and finds it there', async () => {
    const { code, stdout, stderr } = await run(
      ['login', url, '--username', 'ada', '--password-stdin', '--json'],
      `${PASSWORD}\n`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const kept = { registry: url, source: configFile(), username: 'ada', checked: true };
    expect(JSON.parse(stdout)).toEqual({ ...kept, stored: true });
    expect(stdout).not.toContain(PASSWORD);
    expect(statSync(configFile()).mode & 0o077).toBe(0);
    const auth = Buffer.from(`ada:${PASSWORD}`).toString('base64');
    expect(JSON.parse(readFileSync(configFile(), 'utf8'))).toEqual({ auths: { [server.host]: { auth } } });
    expect(await json('login', url)).toEqual({ ...kept, stored: false });
    expect(await json('registry', '--registry', url)).toMatchObject({
      credentials: configFile(),
      username: 'ada',
      answers: true,
      error: null,
    });
  });

  it.each([
    [['login', 'oci://x', '--password-stdin']],
    [['login', 'oci://x', '--username', 'ada']],
    [['login', 'vessl://x', '--token-stdin', '--username', 'ada']],
    [['login', 'vessl://x', '--username', 'ada']],
    [['login', 'oci://x', '--token-stdin']],
    [['copy', 'adder', 'ghcr.io/acme']],
    [['push', 'adder', '127.0.0.1:25711']],
    [['list', '--registry', 'bogus://x']],
    [['login', '/srv/models']],
    [['login', 'oci://x', '--username', 'ada', '--password-stdin']],
    [['login']],
  ])('refuses %j', async (args) => {
    expect((await run(args)).code).toBe(2);
  });

  it('asks on a terminal who logs in', async () => {
    const home = project.path('asked');
    const { code, signal, stdout } = await new Promise<Ended>((resolve, reject) => {
      const main = join(__dirname, '../../dist/cli/main.js');
      // The pseudo-terminal of util-linux.
      const child = spawn('script', ['-qec', `${process.execPath} ${main} login ${url}`, '/dev/null'], {
        env: { ...process.env, ...environment(), DOCKER_CONFIG: home },
      });
      let shown = '';
      const answers = [
        ['name: ', 'ada\r'],
        ['password: ', `${PASSWORD}\r`],
      ];
      child.stdout.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
        if (answers[0] !== undefined && shown.includes(answers[0][0] ?? ''))
          child.stdin.write(answers.shift()?.[1] ?? '');
      });
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, stdout: shown, stderr: '' }));
    });
    expect({ code, signal, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`logged in to ${url} as ada`) as unknown,
    });
    expect(stdout).not.toContain(PASSWORD);
    expect(readFileSync(join(home, 'config.json'), 'utf8')).toContain(server.host);
  });

  it('says that a folder is not there yet, and refuses RUNWRIGHT_REGISTRY as it does --registry', async () => {
    const absent = ['registry', '--registry', project.path('absent')];
    expect((await run(absent)).stdout).toContain('does not exist yet');
    expect(await json(...absent)).toMatchObject({ answers: false, error: null });
    const bogus = await project.run(['list'], '', { ...environment(), RUNWRIGHT_REGISTRY: 'bogus://x' });
    expect(bogus.code).toBe(2);
  });

  it('repeats no password of a URL', async () => {
    const secret = 'oci://ada:secret-5c@127.0.0.1:1/models/acme/adder:1';
    for (const args of [
      ['predict', secret, '--data', '{}'],
      ['register', secret, '--repository', 'adder'],
      ['push', secret, '/srv/models'],
      ['push', 'adder', secret],
      ['copy', secret, secret],
      ['list', secret],
      ['list', '--registry', secret],
      ['login', secret],
      ['pull', secret.replace('oci:', 'https:')],
      ['serve', secret.replace('oci:', 'docker:')],
      ['registry', '--registry', secret],
    ]) {
      const { code, stdout, stderr } = await run([...args, '--verbose', '--json']);
      expect(code, args[0]).not.toBe(0);
      expect(stdout + stderr, args[0]).not.toContain('secret-5c');
    }
  });
});

describe('the way of a model through a registry', () => {
  let digest: string;

  it('push brings an archive there, once', async () => {
    digest = (
      (await json('build', './adder.runner.ts', '--model', 'model', '-o', 'adder.tar')) as { digest: string }
    ).digest;
    const pushed = {
      organization: 'acme',
      repository: 'adder',
      number: 1,
      digest,
      reference: 'acme/adder:1',
    };
    const push = ['push', 'adder.tar', url, '--repository', 'acme/adder'];
    expect(await json(...push)).toEqual({ ...pushed, sent: true });
    expect(await json(...push)).toEqual({ ...pushed, sent: false });
    // The name of the runner.
    expect(await json('push', 'adder.tar', url, '--organization', 'other')).toMatchObject({
      reference: 'other/adder:1',
    });
    expect((await run(['push', './adder.runner.ts', url])).code).toBe(2);
    expect((await run(['push', 'adder.tar', url, '--repository', 'a:1'])).code).toBe(2);
  });

  it('register, list, show, predict, verify, alias and pull work there as at home', async () => {
    const at = ['--registry', url, '--organization', 'acme'];
    expect(
      await json('register', './adder.runner.ts', '--model', 'makeModel', '--repository', 'adder', ...at),
    ).toMatchObject({ reference: 'acme/adder:2' });
    const entry = { organization: 'acme', repository: 'adder', servable: true, aliases: [], digest: DIGEST };
    const registeredAt = expect.any(String) as string;
    expect(await json('list', `${url}/acme/adder`)).toEqual({
      models: [1, 2].map((number) => ({ ...entry, number, registeredAt })),
    });
    expect(await json('alias', `${url}/acme/adder:1`, 'stable')).toMatchObject({ aliases: ['stable'] });
    expect(await json('show', `${url}/acme/adder:stable`)).toMatchObject({ digest });
    const predicted = await run(['predict', `${url}/acme/adder:1`, '--data', '{"value":2}']);
    expect(predicted.stdout).toBe('{"result":42}\n');
    expect(await json('verify', 'adder:1', ...at)).toMatchObject({ digest, ok: true });
    expect(await json('pull', `${url}/acme/adder:1`, '-o', 'pulled')).toEqual({
      reference: 'acme/adder:1',
      digest,
      directory: project.path('pulled'),
    });
    expect(readdirSync(project.path('pulled'))).toContain('runwright.json');
    expect((await run(['show', `${url}/acme/adder`, ...at])).code).toBe(2);
  });

  it('list gives pages, and says how the next one is got', async () => {
    const at = ['--registry', url];
    const first = (await json('list', ...at, '--limit', '2')) as {
      models: { number: number }[];
      next: string;
    };
    expect(first.models.map(({ number }) => number)).toEqual([1, 2]);
    expect(first.next).toBe('acme/adder:2');
    const second = (await json('list', ...at, '--limit', '2', '--after', first.next)) as typeof first;
    expect(second).toMatchObject({ models: [{ organization: 'other', number: 1 }], next: null });
    expect((await run(['list', ...at, '--limit', '1'])).stderr).toContain('--after acme/adder:1');
    expect((await run(['list', ...at, '--after', 'adder'])).code).toBe(2);
    expect((await run(['list', ...at, '--limit', '0'])).code).toBe(2);
  });

  it('copy brings it home, where it has the same digest and is predicted with', async () => {
    const copied = ['copy', `${url}/acme/adder:stable`, project.path('registry')];
    expect(await json(...copied)).toMatchObject({ reference: 'acme/adder:1', digest, sent: true });
    expect(await json(...copied)).toMatchObject({ reference: 'acme/adder:1', digest, sent: false });
    const predicted = await run(['predict', `acme/adder:1@${digest}`, '--data', '{"value":2}']);
    expect(predicted.stdout).toBe('{"result":42}\n');
    expect((await run(['copy', 'acme/adder:1', url, '--repository', 'third/adder'])).stdout).toBe(
      `made third/adder:1 in ${url}\n${digest}\n`,
    );
  });

  it('refuses a command line that names two registries', async () => {
    const { code, stderr } = await run(['show', `${url}/acme/adder`, '--registry', url]);
    expect(code).toBe(2);
    expect(stderr).toContain('--registry');
  });
});

describe('VESSL', () => {
  let platform: TestVesslPlatform;
  beforeAll(async () => {
    platform = await TestVesslPlatform.start();
  });
  afterAll(() => platform.stop());
  const vessl = async (args: readonly string[], input = ''): Promise<Ended> =>
    project.run(args, input, {
      ...environment(),
      VESSL_API_HOST: platform.origin,
      VESSL_CONFIG_PATH: project.path('vessl/config'),
      VESSL_ACCESS_TOKEN: '',
      VESSL_CREDENTIALS_FILE: '',
      VESSL_DEFAULT_ORGANIZATION: '',
    });

  it('login keeps a token that is right, in the settings of VESSL', async () => {
    expect((await vessl(['login', 'vessl://acme'])).stderr).toContain('--token-stdin');
    for (const [registry, token] of [
      ['vessl://acme', 'wrong-token-31'],
      ['vessl://nobody', platform.token],
    ] as const) {
      const { code, stdout, stderr } = await vessl(['login', registry, '--token-stdin'], token);
      expect(code).toBe(1);
      expect(stderr).toContain('RW_REGISTRY_DENIED');
      expect(stdout + stderr).not.toContain(token);
      expect(existsSync(project.path('vessl/config'))).toBe(false);
    }
    const { code, stdout } = await vessl(
      ['login', 'vessl://acme', '--token-stdin', '--json'],
      platform.token,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      source: project.path('vessl/config'),
      stored: true,
      checked: true,
    });
    expect(readFileSync(project.path('vessl/config'), 'utf8')).toContain(platform.token);
    const inspected = await vessl(['registry', '--registry', 'vessl://acme', '--json']);
    expect(JSON.parse(inspected.stdout)).toMatchObject({
      kind: 'vessl',
      organization: 'acme',
      credentials: project.path('vessl/config'),
      answers: true,
    });
  });

  it('copy goes there and back, under one digest', async () => {
    const digest = ((await json('list', 'acme/adder')) as { models: { digest: string }[] }).models[0]?.digest;
    const there = await vessl(['copy', 'acme/adder:1', 'vessl://acme', '--json']);
    expect({ stderr: there.stderr, ...(JSON.parse(there.stdout) as object) }).toMatchObject({
      stderr: '',
      organization: 'acme',
      digest,
      sent: true,
    });
    const again = await vessl(['copy', 'acme/adder:1', 'vessl://acme', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ digest, sent: false });
    const back = await vessl(['copy', 'vessl://acme/adder', project.path('from-vessl'), '--json']);
    expect(JSON.parse(back.stdout)).toMatchObject({ digest, reference: 'acme/adder:1', sent: true });
    const predicted = await vessl(['predict', 'vessl://acme/adder', '--data', '{"value":2}']);
    expect(predicted.stdout).toBe('{"result":42}\n');
  });
});

describe('a process that is killed', () => {
  const publish = async (organization: string, bytes: Buffer): Promise<void> => {
    const registry = openRegistry(url, {
      environment: { ...process.env, ...environment(), RUNWRIGHT_CACHE: project.path('other') },
    });
    const publication = await registry.publish({ organization, repository: 'net' });
    const manifest = await putPackage(publication, { 'weights.bin': bytes });
    await publication.commit({ manifest, number: null });
  };

  it('while it pulls: the next one goes on where it was', async () => {
    const weights = randomBytes(8 * MIB);
    await publish('pulled', weights);
    const arrived = 3 * MIB;
    let stuck = false;
    server.intercept = ({ method, path, headers }) => {
      if (method !== 'GET' || !path.includes('/blobs/')) return undefined;
      if (headers.range === undefined) return { truncateAfter: arrived };
      stuck = true;
      return { delay: 60_000 };
    };
    const pull = ['pull', `${url}/pulled/net:1`, '-o', 'net'];
    const { child, ended } = project.start(pull, environment());
    while (!stuck) await sleep(20);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    expect(existsSync(project.path('net'))).toBe(false);

    server.intercept = () => undefined;
    const before = server.requests.length;
    expect(await json(...pull)).toMatchObject({ reference: 'pulled/net:1' });
    expect(readFileSync(project.path('net/weights.bin')).equals(weights)).toBe(true);
    const reads = server.requests.slice(before).filter(({ path }) => path.includes('/blobs/'));
    const offsets = reads.map(({ headers }) => headers.range).filter((range) => range !== undefined);
    expect(offsets).toHaveLength(1);
    const offset = Number(/^bytes=(\d+)-$/.exec(offsets[0] ?? '')?.[1]);
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(arrived);
    expect(readdirSync(project.path('cache/blobs/partial'))).toEqual([]);
  });

  it('while it copies: finished blobs are not sent again, and there is one number', async () => {
    const home = openRegistry(project.path('registry'));
    const publication = await home.publish({ organization: 'killed', repository: 'net' });
    const files = { 'a.bin': randomBytes(2 * MIB), 'b.bin': randomBytes(MIB) };
    const manifest = await putPackage(publication, files);
    await publication.commit({ manifest, number: null });
    let sent = 0;
    server.intercept = ({ method, path, headers }) => {
      if (!path.startsWith('/v2/models/killed/')) return undefined;
      // All but the largest blob.
      if (method === 'PUT' && Number(headers['content-length']) > MIB + 1) return { delay: 60_000 };
      if (method === 'PUT') sent += 1;
      return undefined;
    };
    const copy = ['copy', 'killed/net:1', url];
    const { child, ended } = project.start(copy, environment());
    while (sent < 4) await sleep(20);
    await sleep(300);
    child.kill('SIGKILL');
    await ended;

    server.intercept = () => undefined;
    const before = server.requests.length;
    expect(await json(...copy)).toMatchObject({ reference: 'killed/net:1', sent: true });
    const bytes = server.requests
      .slice(before)
      .filter(({ path }) => path.includes('/blobs/uploads/'))
      .reduce((sum, { received }) => sum + received, 0);
    expect(bytes).toBe(2 * MIB);
    expect(await json('list', `${url}/killed/net`)).toMatchObject({ models: [{ number: 1 }] });
    expect(await json('verify', `${url}/killed/net:1`)).toMatchObject({ ok: true });
  });
});
