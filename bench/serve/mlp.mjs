// A 4-32-3 network in ONNX behind our server in each execution mode, beside a server that an expert wrote by hand: requests a
// second at 64 connections, and p50 at one.
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describeLoads } from '../support/describeLoads.mjs';
import { interleaveLoads } from '../support/interleaveLoads.mjs';
import { json } from '../support/json.mjs';
import { loadTool } from '../support/closedLoop.mjs';
import { versionsOf } from '../support/machine.mjs';
import { onnxMlp } from '../support/onnxMlp.mjs';
import { path } from '../support/path.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { sameAnswers } from '../support/sameAnswers.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { startServer } from '../support/startServer.mjs';
import { withFolder } from '../support/withFolder.mjs';

const MODES = ['inline', 'thread', 'process'];
/** At least this many times the rate of the rival, and at most this many times its p50. */
const RATES = { inline: 1.5, process: 1.2 };
const P50S = { inline: 1.25, thread: 1.75, process: 1.75 };
const KINDS = {
  tensor: { runner: 'mlp.runner.ts', input: { features: [5.1, 3.5, 1.4, 0.2] }, limited: true },
  dto: {
    runner: 'mlpDto.runner.ts',
    input: { sepalLength: 5.1, sepalWidth: 3.5, petalLength: 1.4, petalWidth: 0.2 },
    limited: false,
  },
};

export default function bench({ rounds = 7, seconds = 5, modes = MODES } = {}) {
  return withFolder(async (folder) => {
    const model = join(folder, 'mlp.onnx');
    writeFileSync(model, onnxMlp());
    console.error(`${versionsOf('fastify', 'onnxruntime-node')}, load by ${loadTool()}`);
    const rival = await startServer([process.execPath, path('bench/serve/rivals/fastifyMlp.mjs'), model], {
      ready: '/healthz',
    });
    try {
      const figures = [];
      for (const [kind, { runner, input, limited }] of Object.entries(KINDS)) {
        const registered = registerRunner(folder, runner, { 'mlp.onnx': onnxMlp() });
        const byHand = { server: rival, url: `${rival.url}/${kind}`, request: json(input) };
        figures.push(...(await compare({ kind, registered, byHand, limited, rounds, seconds, modes })));
      }
      return figures;
    } finally {
      await rival.stop();
    }
  });
}

async function compare({ kind, registered, byHand, limited, rounds, seconds, modes }) {
  const servers = {};
  try {
    for (const execution of modes) servers[execution] = await startOurs(registered, { load: { execution } });
    const ours = Object.entries(servers).map(([mode, server]) => [
      mode,
      { ...byHand, server, url: `${server.url}/predict` },
    ]);
    const contenders = { hand: byHand, ...Object.fromEntries(ours) };
    await sameAnswers(contenders);
    const busy = await interleaveLoads(contenders, { rounds, seconds, connections: 64 });
    const alone = await interleaveLoads(contenders, { rounds, seconds, connections: 1 });
    const limit = (limits, mode) => (limited ? limits[mode] : undefined);
    return modes.flatMap((mode) => [
      {
        figure: `${kind}, ${mode}: rate over hand-written, 64 connections`,
        value: busy.ratio(mode, 'hand', 'rate'),
        limit: limit(RATES, mode),
        atLeast: true,
        unit: 'times',
        detail: describeLoads(busy, mode, 'hand'),
      },
      {
        figure: `${kind}, ${mode}: p50 over hand-written, 1 connection`,
        value: alone.ratio(mode, 'hand', 'p50'),
        limit: limit(P50S, mode),
        unit: 'times',
        detail: `${(alone.of(mode, 'p50') * 1000).toFixed(0)} µs to ${(alone.of('hand', 'p50') * 1000).toFixed(0)} µs`,
      },
    ]);
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}
