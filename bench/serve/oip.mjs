// An image of 150,528 floats there and back by the Open Inference Protocol: as raw bytes beside as JSON.
import { copiesOf } from './copiesOf.mjs';
import { interleaveLoads } from '../support/interleaveLoads.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { withFolder } from '../support/withFolder.mjs';

const SHAPE = [1, 3, 224, 224];
const PATH = '/v2/models/image/infer';
const pixels = Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => ((at * 7) % 256) / 255);

export default function bench({ rounds = 7, seconds = 5, modes = ['inline', 'process'] } = {}) {
  return withFolder(async (folder) => {
    const registered = registerRunner(folder, 'image.runner.ts');
    const figures = [];
    for (const execution of modes) {
      const server = await startOurs(registered, { load: { execution } });
      try {
        const url = server.url + PATH;
        await refuseOtherPixels(url);
        const contenders = {
          binary: { server, url, request: binary() },
          json: { server, url, request: asJson() },
        };
        const loads = await interleaveLoads(contenders, { rounds, seconds, connections: 4 });
        figures.push({
          figure: `${execution}: OIP binary over OIP JSON`,
          value: loads.ratio('binary', 'json', 'rate'),
          limit: 10,
          atLeast: true,
          unit: 'times',
          detail: `${loads.of('binary', 'rate').toFixed(0)}/s (${loads.of('binary', 'p50').toFixed(1)} ms) to ${loads.of('json', 'rate').toFixed(1)}/s (${loads.of('json', 'p50').toFixed(0)} ms), 4 connections`,
        });
      } finally {
        await server.stop();
      }
    }
    figures.push({
      figure: 'inline: copies of a binary tensor, one in and one out',
      value: await copiesOf(registered, PATH, binary(), pixels.byteLength),
      limit: 2.2,
      unit: 'copies',
      detail: 'ArrayBuffer memory taken for one request, in tensors, beyond what the socket was read into',
    });
    return figures;
  });
}

const input = (more) => ({ name: 'pixels', shape: SHAPE, datatype: 'FP32', ...more });

function binary() {
  const head = Buffer.from(
    JSON.stringify({
      inputs: [input({ parameters: { binary_data_size: pixels.byteLength } })],
      parameters: { binary_data_output: true },
    }),
  );
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
    body: Buffer.concat([head, Buffer.from(pixels.buffer)]),
  };
}

const asJson = () => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ inputs: [input({ data: Array.from(pixels) })] }),
});

/** Both ways must give the image back. */
async function refuseOtherPixels(url) {
  const raw = await fetch(url, binary());
  const bytes = Buffer.from(await raw.arrayBuffer());
  const head = Number(raw.headers.get('inference-header-content-length'));
  const text = await (await fetch(url, asJson())).text();
  const data = JSON.parse(text).outputs?.[0]?.data?.flat(Infinity);
  const same =
    bytes.subarray(head).equals(Buffer.from(pixels.buffer)) &&
    data?.length === pixels.length &&
    data.every((value, at) => Math.fround(value) === pixels[at]);
  if (!same) throw new Error(`${url}: the image came back otherwise: ${text.slice(0, 200)}`);
}
