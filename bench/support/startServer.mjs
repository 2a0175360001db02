import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { treeOf } from './processTree.mjs';

const START_LIMIT = 120_000;
const STOP_LIMIT = 10_000;

/**
 * Starts a server in a process of its own, which is told its port by $PORT, and waits until `ready` answers 200.
 *
 * @param command and its arguments
 * @param ready path of a route that answers GET when the server can work
 * @throws Error with what the process wrote, when it ends or is not ready within two minutes
 * @example
 * const server = await startServer([process.execPath, 'server.mjs'], { ready: '/healthz' });
 * await fetch(`${server.url}/predict`);
 * await server.stop();
 */
export async function startServer([program, ...args], { ready, env = {}, cwd } = {}) {
  const port = await freePort();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
  });
  let said = '';
  const note = (text) => (said = (said + text).slice(-4000));
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  let ended = false;
  let stopping = false;
  const ending = once(child, 'close').finally(() => (ended = true));
  ending.catch((error) => note(String(error)));

  const stop = async () => {
    stopping = true;
    process.off('exit', kill);
    if (!ended) child.kill('SIGTERM');
    const late = setTimeout(kill, STOP_LIMIT);
    await ending.catch(() => undefined);
    clearTimeout(late);
    kill();
  };
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody is left in the group.
    }
  };
  process.on('exit', kill);

  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_LIMIT;
  while (!(await answers(url + ready))) {
    if (ended || performance.now() > deadline) {
      await stop();
      throw new Error(`${[program, ...args].join(' ')} did not become ready:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.once('close', (code, signal) => {
    if (!stopping) console.error(`${program} ${args[0]} ended with ${signal ?? code}:\n${said}`);
  });
  return { url, pid: child.pid, tree: () => treeOf(child.pid), stop };
}

async function answers(url) {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
