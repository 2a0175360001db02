import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cacheFolder } from '../support/cacheFolder.mjs';
import { path } from '../support/path.mjs';
import { withFolder } from '../support/withFolder.mjs';

const require = createRequire(import.meta.url);
const TRIES = 9;
/** Sends the file to the address and reads the answer, in a process whose memory is not looked at. */
const CLIENT = `
  const [url, file, headers] = process.argv.slice(1);
  fetch(url, { method: 'POST', headers: JSON.parse(headers), body: require('fs').readFileSync(file) })
    .then((response) => response.arrayBuffer());`;

/**
 * How many times the server copies the payload of a request, beyond reading it from the socket: by the memory of ArrayBuffers
 * that one request takes, over the size of the payload.
 *
 * @param registered what `registerRunner` returned
 * @param size bytes of the payload
 */
export function copiesOf({ registry, reference }, route, { headers, body }, size) {
  return withFolder(async (folder) => {
    const file = join(folder, 'body');
    writeFileSync(file, body);
    const { loadModel } = require(path('dist/index.js'));
    const { createServer } = require(path('dist/server/index.js'));
    const handle = await loadModel(reference, { registry, cache: join(cacheFolder(), 'packages') });
    const app = await createServer(handle);
    try {
      const url = (await app.listen({ port: 0, host: '127.0.0.1' })) + route;
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc');
      const taken = [];
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        collect();
        const before = process.memoryUsage().arrayBuffers;
        const args = ['-e', CLIENT, url, file, JSON.stringify(headers)];
        await promisify(execFile)(process.execPath, args);
        taken.push(process.memoryUsage().arrayBuffers - before);
      }
      // A collection on the way only makes it less.
      return Math.max(...taken) / size - 1;
    } finally {
      await app.close();
      await handle.close();
    }
  });
}
