// How soon a server answers /healthz while its model needs all the CPU it can get: 80 ms a call, more callers than workers,
// probes 100 times a second whatever becomes of them.
import { availableParallelism } from 'node:os';
import { closedLoop } from '../support/closedLoop.mjs';
import { json } from '../support/json.mjs';
import { openLoop } from '../support/openLoop.mjs';
import { percentile } from '../support/percentile.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { withFolder } from '../support/withFolder.mjs';

const CALL = 80;
const RATE = 100;
const WARM_UP = 2;

export default function bench({ seconds = 20, modes = ['thread', 'process'] } = {}) {
  return withFolder(async (folder) => {
    const registered = registerRunner(folder, 'busy.runner.ts');
    const workers = Math.max(1, availableParallelism() - 1);
    const figures = [];
    for (const execution of modes) {
      const server = await startOurs(registered, { load: { execution, workers } });
      try {
        const idle = await probe(server, Math.min(seconds, 5));
        const load = closedLoop(`${server.url}/predict`, json({ milliseconds: CALL }), {
          connections: workers * 4,
          seconds: seconds + 2 * WARM_UP,
        });
        await new Promise((resolve) => setTimeout(resolve, WARM_UP * 1000));
        const busy = await probe(server, seconds);
        const { rate } = await load;
        figures.push({
          figure: `${execution}: p99 of /healthz under saturation`,
          value: busy.p99,
          limit: 10,
          unit: 'ms',
          detail: `p50 ${busy.p50}, longest ${busy.longest} ms, ${busy.count} probes; idle p99 ${idle.p99.toFixed(1)} ms; ${workers} workers at ${((rate * CALL) / workers / 10).toFixed(0)} %; probes sent late by ${busy.late} ms (p99)`,
        });
      } finally {
        await server.stop();
      }
    }
    return figures;
  });
}

async function probe({ url }, seconds) {
  const { answers, late, unanswered } = await openLoop(`${url}/healthz`, {}, { rate: RATE, seconds });
  const wrong = unanswered + answers.filter(({ status }) => status !== 200).length;
  if (wrong > 0) throw new Error(`${wrong} probes were not answered with 200`);
  const latencies = answers.map(({ latency }) => latency);
  return {
    count: answers.length,
    p50: percentile(latencies, 0.5).toFixed(1),
    p99: percentile(latencies, 0.99),
    longest: percentile(latencies, 1).toFixed(1),
    late: percentile(late, 0.99).toFixed(1),
  };
}
