import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { rm } from 'node:fs/promises';
import { childrenOf, CliProject, type Running } from './cliProcess';
import { isAlive, until } from './workerProbe';

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
});
afterAll(() => project.remove());
beforeEach(() => rm(project.path('slow.log'), { force: true }));

interface Serving {
  readonly running: Running;
  readonly url: string;
}

async function serve(...flags: string[]): Promise<Serving> {
  const running = project.start(['serve', './slow.runner.ts', '--port', '0', '--json', ...flags]);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  const { url } = JSON.parse(await running.firstLine()) as { url: string };
  return { running, url };
}

/** The status of the answer, or the code of the error; ECONNREFUSED is that of a client that comes when nothing listens. */
function post(url: string, body: string, agent?: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length },
      ...(agent && { agent }),
    });
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(body);
  });
}

describe.each(['process', 'thread', 'inline'])('serve --execution %s', (execution) => {
  it('loses no request when SIGTERM comes under load', async () => {
    const { running, url } = await serve('--execution', execution);
    const counts = new Map<number | string, number>();
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let turn = 0; ; turn += 1) {
        const outcome = await post(url, String(1 + (turn % 5)), agent);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        if (typeof outcome === 'string') break;
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 20 }, client);
    while ((counts.get(200) ?? 0) <= 100) await sleep(10);
    running.child.kill('SIGTERM');
    const { code } = await running.ended;
    await Promise.all(clients);
    expect(code).toBe(0);
    expect([...counts.keys()].sort()).toEqual([200, 'ECONNREFUSED']);
    // Whatever the runner began was answered.
    expect(project.slowLog.split('\n').filter((line) => line.startsWith('started'))).toHaveLength(
      counts.get(200) ?? 0,
    );
    expect(project.slowLog.endsWith('disposed\n')).toBe(true);
  });

  it('calls off at the deadline what does not end, and disposes', async () => {
    const { running, url } = await serve('--execution', execution, '--shutdown-timeout', '300');
    const answer = post(url, '60000');
    await project.slowLogShows('started 60000');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(await answer).toBe(503);
    expect(project.slowLog).toBe('started 60000\ndisposed\n');
  });
});

describe('serve', () => {
  it('finishes what runs when Ctrl-C reaches its workers too', async () => {
    const { running, url } = await serve('--workers', '2');
    const workers = childrenOf(running.child.pid ?? 0);
    expect(workers).toHaveLength(2);
    const answer = post(url, '-500');
    await project.slowLogShows('started -500');
    for (const pid of [...workers, running.child.pid ?? 0]) process.kill(pid, 'SIGINT');
    expect(await answer).toBe(200);
    expect((await running.ended).code).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  it('ends the worker whose run does not stop at the end', async () => {
    const { running, url } = await serve('--shutdown-timeout', '200');
    const answer = post(url, '-60000');
    await project.slowLogShows('started -60000');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(await answer).toBe(503);
  });

  it('leaves no worker behind when it is killed', async () => {
    const { running, url } = await serve('--workers', '2');
    const workers = childrenOf(running.child.pid ?? 0);
    const answer = post(url, '-60000');
    await project.slowLogShows('started -60000');
    running.child.kill('SIGKILL');
    await running.ended;
    expect(await answer).toBe('ECONNRESET');
    await until(() => !workers.some(isAlive));
  });

  it('answers 504 at the deadline, goes on with a new process, and says so', async () => {
    const { running, url } = await serve('--timeout', '200');
    const [worker = 0] = childrenOf(running.child.pid ?? 0);
    expect(await post(url, '-60000')).toBe(504);
    await until(() => !isAlive(worker));
    while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(20);
    expect(await post(url, '1')).toBe(200);
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`the process (pid ${worker}) ended: a run went on for 1000 ms`);
  });

  it.each([
    ['--execution', 'fiber'],
    ['--workers', '0'],
    ['--workers', '1000'],
    ['--threads', 'two'],
    ['--memory-limit', 'much'],
    ['--queue', '-1'],
    ['--timeout', '0'],
  ])('refuses %s %s', async (flag, value) => {
    const { code, stderr, stdout } = await project.run([
      'serve',
      './slow.runner.ts',
      `${flag}=${value}`,
      '--port',
      '0',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(flag);
  });
});
