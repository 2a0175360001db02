import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CliProject, type Running } from './cliProcess';

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
  const ended = await project.run([
    'register',
    './slow.runner.ts',
    '--repository',
    'slow',
    '--model',
    'makeModel',
  ]);
  expect(ended.code).toBe(0);
});
afterAll(() => project.remove());
beforeEach(() => rm(project.path('slow.log'), { force: true }));

/** What `serve --json` prints when it listens. */
const jsonUrl = async (running: Running): Promise<string> => {
  const { url } = JSON.parse(await running.firstLine()) as { url: string };
  return url;
};

/** Folders that a command makes for itself and must not leave. */
const leftovers = async (): Promise<string[]> =>
  (await readdir(project.directory)).filter((name) => /^runwright-|\.tmp$/.test(name));

describe('Ctrl-C', () => {
  it('ends a prediction with 130, after the runner has been disposed of', async () => {
    const { child, ended } = project.start(['predict', 'slow', '--data', '60000']);
    await project.slowLogShows('started');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('RW_ABORTED');
    expect(project.slowLog).toBe('started 60000\ndisposed\n');
    expect(await leftovers()).toEqual([]);
  });

  it('leaves nothing half-written, and what was at the name before', async () => {
    const args = ['predict', 'slow', '--input', '-', '--output', 'out.jsonl'];
    await project.run(args, '0\n');
    const { child, ended } = project.start(args);
    child.stdin.write('1\n2\n60000\n');
    await project.slowLogShows('started 60000');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(await leftovers()).toEqual([]);
    expect(existsSync(project.path('out.jsonl'))).toBe(true);
  });

  it('ends a prediction that waits for its input', async () => {
    const { child, ended, shows } = project.start(['predict', 'slow', '--input', '-']);
    child.stdin.write('1\n');
    await shows('stdout', '1\n');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(project.slowLog).toContain('disposed');
  });

  it('a second one ends at once', async () => {
    const { child, ended, shows } = project.start(['predict', 'slow', '--data', '-60000']);
    await project.slowLogShows('started');
    child.kill('SIGINT');
    await shows('stderr', 'Ctrl-C again');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(project.slowLog).not.toContain('disposed');
  });

  it('while registering publishes nothing', async () => {
    const register = ['register', './slow.runner.ts', '--repository', 'half', '--model', 'makeModel'];
    const { child, ended } = project.start(register, { SLOW_MODEL: '1500' });
    await project.slowLogShows('making the model');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(await leftovers()).toEqual([]);
    const { stdout } = await project.run(['list', '--json']);
    expect(stdout).not.toContain('half');
  });
});

describe('serve', () => {
  const post = (url: string, body: string): Promise<Response> =>
    fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes what runs on %s and ends with 0',
    async (name) => {
      const running = project.start(['serve', 'slow', '--port', '0', '--json']);
      const url = await jsonUrl(running);
      expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ready' });
      expect(await (await post(url, '5')).json()).toBe(5);
      const answer = post(url, '-1000');
      await project.slowLogShows('started -1000');
      running.child.kill(name);
      expect(await (await answer).json()).toBe(-1000);
      const { code, stdout } = await running.ended;
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ url, models: ['slow'] });
      expect(project.slowLog.endsWith('finished -1000\ndisposed\n')).toBe(true);
      await expect(fetch(`${url}/healthz`)).rejects.toThrow();
      // Less than an idle connection is kept open for.
    },
    45_000,
  );

  it('ends although a client has sent half a request', async () => {
    const running = project.start(['serve', 'slow', '--port', '0', '--json']);
    const { port } = new URL(await jsonUrl(running));
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n[');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  it('a port that is in use is exit code 1', async () => {
    const first = project.start(['serve', 'slow', '--port', '0', '--json']);
    const { port } = new URL(await jsonUrl(first));
    const second = await project.run(['serve', 'slow', '--port', port]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/EADDRINUSE.*\n.*\n +fix: /);
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  it('serves an entry, and several models by their names', async () => {
    const running = project.start(['serve', 'slow', './batch.runner.ts', '--port', '0', '--json']);
    const url = await jsonUrl(running);
    const response = await fetch(`${url}/models/batch/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await response.json()).toEqual({ value: { a: 1 }, of: 1 });
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  it('a model that is not there is exit code 1', async () => {
    expect((await project.run(['serve', 'slow', 'nothing', '--port', '0'])).code).toBe(1);
    expect(project.slowLog).toContain('disposed');
  });
});
