import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { childrenOf, CliProject, type Running } from './cliProcess';

const SLOW = ['register', './slow.runner.ts', '--model', 'makeModel'];

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
  const { code } = await project.run([...SLOW, '--repository', 'slow']);
  expect(code).toBe(0);
}, 60_000);
afterAll(() => project.remove());
beforeEach(() => rm(project.path('slow.log'), { force: true }));

async function serve(...args: string[]): Promise<{ running: Running; url: string }> {
  const running = project.start(['serve', ...args, '--port', '0', '--json']);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  const { url } = JSON.parse(await running.firstLine()) as { url: string };
  return { running, url };
}

const post = (url: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

describe('serve', () => {
  it('shares the cores among the workers of all models', async () => {
    const { running } = await serve('./slow.runner.ts', './batch.runner.ts');
    const threads = childrenOf(running.child.pid ?? 0).map(
      (pid) => /OMP_NUM_THREADS=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1],
    );
    const share = String(Math.max(1, Math.floor(availableParallelism() / 2)));
    expect(threads).toEqual([share, share]);
  });

  it('runs the inputs of --warm-up first, in every worker', async () => {
    await writeFile(project.path('warm.jsonl'), '3\n4\n');
    await serve('./slow.runner.ts', '--warm-up', 'warm.jsonl', '--workers', '2');
    expect(project.slowLog.match(/finished [34]/g)).toHaveLength(4);
    const missing = await project.run(['serve', './slow.runner.ts', '--warm-up', 'missing.json']);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('missing.json') as string });
  });

  it('refuses --warm-up for several models, and one that is not JSON', async () => {
    const several = await project.run(['serve', 'slow', './batch.runner.ts', '--warm-up', 'x.json']);
    expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('--warm-up') as string });
    await writeFile(project.path('bad.jsonl'), '1\nnope\n');
    const bad = await project.run(['serve', 'slow', '--warm-up', 'bad.jsonl']);
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('line 2') as string });
  });

  it('refuses two models that clients could not tell apart', async () => {
    const { code, stderr } = await project.run(['serve', 'slow', './slow.runner.ts', '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/two of the models are named "slow".*process of its own/s);
  });

  it('limits what a request may bring by --body-limit', async () => {
    const { url } = await serve('slow', '--body-limit', '1kb', '--file-limit', '2kb');
    expect((await post(`${url}/predict`, '1')).status).toBe(200);
    expect((await post(`${url}/predict`, ' '.repeat(1025))).status).toBe(413);
  });

  it('loads models of the registry for clients with --model-control alone', async () => {
    const { running, url } = await serve('./batch.runner.ts', '--model-control');
    const control = (name: string, verb: string): Promise<Response> =>
      post(`${url}/v2/repository/models/${encodeURIComponent(name)}/${verb}`, '{}');
    expect((await control('slow:1', 'load')).status).toBe(200);
    expect(await (await post(`${url}/models/${encodeURIComponent('slow:1')}/predict`, '2')).json()).toBe(2);
    expect((await control('nothing', 'load')).status).toBe(404);
    expect((await control('slow:1', 'unload')).status).toBe(200);
    expect(project.slowLog.endsWith('disposed\n')).toBe(true);
    expect((await control('slow', 'load')).status).toBe(200);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(project.slowLog.match(/disposed/g)).toHaveLength(2);

    const closed = await serve('slow');
    expect((await post(`${closed.url}/v2/repository/models/slow/load`, '{}')).status).toBe(403);
  });

  it('gives a run the time of --deadline-grace after its deadline', async () => {
    const { running, url } = await serve('slow', '--timeout', '50', '--deadline-grace', '60');
    expect((await post(`${url}/predict`, '-60000')).status).toBe(504);
    await running.shows('stderr', 'a run went on for 60 ms');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});

describe('serve --execution thread', () => {
  it('is ended by the second signal itself while a thread works', async () => {
    const { running, url } = await serve('slow', '--execution', 'thread');
    post(`${url}/predict`, '-60000').catch(() => undefined);
    await project.slowLogShows('started');
    running.child.kill('SIGINT');
    await running.shows('stderr', 'Ctrl-C again');
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGINT' });
  });

  it('waits for a thread that loads what has been called off', async () => {
    const args = ['serve', './slow.runner.ts', '--model', 'makeModel', '--execution', 'thread'];
    const running = project.start(args, { SLOW_MODEL: '1500' });
    await project.slowLogShows('making the model');
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, signal: null });
    expect(project.slowLog).toBe('making the model\ndisposed\n');
  });
});
