// Pushing 2000 small files over a line with a round trip of 20 ms, beside the same files one after another. (skopeo takes
// ten minutes for as many layers.)
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { path } from '../support/path.mjs';
import { publishEntry } from '../support/publishEntry.mjs';
import { requirePrograms, startDockerRegistry } from '../support/startDockerRegistry.mjs';
import { startLine } from '../support/startLine.mjs';
import { timeProcess } from '../support/timeProcess.mjs';
import { withFolder } from '../support/withFolder.mjs';

const MEMORY = '/dev/shm';
const FILES = 2000;
const ROUND_TRIP = 20;
/** Of which the time for all of them is told: one after another takes minutes, and always the same. */
const ONE_BY_ONE = 250;

export default function bench() {
  requirePrograms('docker-registry');
  return withFolder(async (folder) => {
    const registry = join(folder, 'registry');
    const files = join(folder, 'files');
    mkdirSync(files);
    for (let at = 0; at < FILES; at += 1) writeFileSync(join(files, `${at}.bin`), randomBytes(1000 + at));
    publishEntry(folder, registry, `${files}/*`, 1);

    // In memory where that is possible: how long a disk takes for thousands of files is not what is measured.
    const server = await startDockerRegistry(existsSync(MEMORY) ? MEMORY : folder);
    const line = await startLine(server.host, { delay: ROUND_TRIP / 2 });
    try {
      const ours = await timeProcess(
        [
          process.execPath,
          path('bench/support/transfer.mjs'),
          'copy',
          'big:1',
          registry,
          `oci://${line.host}/ours`,
        ],
        { env: { ...process.env, RUNWRIGHT_CACHE: join(folder, 'cache'), DOCKER_CONFIG: folder } },
      );
      const single = await pushOneByOne(`http://${line.host}/v2/one-by-one`, files);
      const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1);
      return [
        {
          figure: `speed of pushing ${FILES} small files over one by one`,
          value: single / ours.milliseconds,
          limit: 5,
          atLeast: true,
          unit: 'times',
          detail: `s: ours ${seconds(ours.milliseconds)}, HEAD, POST and PUT for one after another ${seconds(single)}, of ${ONE_BY_ONE} files`,
        },
      ];
    } finally {
      await line.stop();
      await server.stop();
    }
  });
}

/** Milliseconds that all files would take, by the requests that every client makes of a blob. */
async function pushOneByOne(repository, files) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const names = readdirSync(files).slice(0, ONE_BY_ONE);
  const start = performance.now();
  for (const name of names) {
    const bytes = readFileSync(join(files, name));
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await send(agent, 'HEAD', `${repository}/blobs/${digest}`, 404);
    const { location } = await send(agent, 'POST', `${repository}/blobs/uploads/`, 202);
    await send(agent, 'PUT', `${location}&digest=${digest}`, 201, bytes);
  }
  const took = performance.now() - start;
  agent.destroy();
  return (took / names.length) * FILES;
}

function send(agent, method, url, expected, body) {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-length': body?.length ?? 0,
      ...(body && { 'content-type': 'application/octet-stream' }),
    };
    const sent = request(url, { method, agent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === expected) resolve(answer.headers);
        else reject(new Error(`${method} ${url} was answered with ${answer.statusCode}`));
      });
    });
    sent.once('error', reject).end(body);
  });
}
