// Memory that a server needs to take a file of 256 MiB by multipart/form-data.
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { forgetPeak, peakBytes, residentBytes } from '../support/processTree.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { withFolder } from '../support/withFolder.mjs';

const SIZE = 256 * 1024 ** 2;
const BLOCK = randomBytes(1024 ** 2);
const SETTLE = 2000;

export default function bench({ modes = ['inline', 'process'] } = {}) {
  return withFolder(async (folder) => {
    const registered = registerRunner(folder, 'upload.runner.ts');
    const figures = [];
    for (const execution of modes) {
      const server = await startOurs(registered, { load: { execution } });
      try {
        // What the first request loads is not what an upload costs.
        await upload(server.url, BLOCK.length);
        await new Promise((resolve) => setTimeout(resolve, SETTLE));
        const tree = server.tree();
        const idle = residentBytes(tree);
        forgetPeak(tree);
        const start = performance.now();
        await upload(server.url, SIZE);
        const took = (performance.now() - start) / 1000;
        figures.push({
          figure: `${execution}: peak RSS over idle while 256 MiB are uploaded`,
          value: (peakBytes(tree) - idle) / 1e6,
          limit: 60,
          unit: 'MB',
          detail: `idle ${(idle / 1e6).toFixed(0)} MB in ${tree.length} processes; ${(SIZE / took / 1e6).toFixed(0)} MB/s`,
        });
      } finally {
        await server.stop();
      }
    }
    return figures;
  });
}

async function upload(url, size) {
  const boundary = 'runwright-bench';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="video"; filename="video.bin"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const request = httpRequest(`${url}/predict`, {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + size + tail.length,
    },
  });
  const [[response]] = await Promise.all([
    once(request, 'response'),
    pipeline(Readable.from(parts(head, size, tail)), request),
  ]);
  const answer = await text(response);
  if (response.statusCode !== 200 || JSON.parse(answer).size !== size) {
    throw new Error(`the upload was answered with ${response.statusCode}: ${answer}`);
  }
}

function* parts(head, size, tail) {
  yield Buffer.from(head);
  for (let sent = 0; sent < size; sent += BLOCK.length) yield BLOCK;
  yield Buffer.from(tail);
}
