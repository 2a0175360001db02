// What a server does with twice the load that it can serve: a model of 1 ms an item, requests at fixed times whatever becomes
// of those before. Then what it costs while nothing comes.
import { closedLoop } from '../support/closedLoop.mjs';
import { json } from '../support/json.mjs';
import { median } from '../support/median.mjs';
import { openLoop } from '../support/openLoop.mjs';
import { percentile } from '../support/percentile.mjs';
import { cpuSeconds, residentBytes } from '../support/processTree.mjs';
import { path } from '../support/path.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { startServer } from '../support/startServer.mjs';
import { readTicks, stolenBetween } from '../support/stolen.mjs';
import { withFolder } from '../support/withFolder.mjs';

const REQUEST = json({ milliseconds: 1 });
const QUEUE = 64;
/** Requests beyond the queue: with the model, or on the way to the worker. */
const AHEAD = { 'bare node:http': 1, inline: 1, thread: 8, process: 8 };
const IDLE_SECONDS = 10;
const CAPACITY_SECONDS = 5;

/** What the others are seen beside: what node:http can do with the same core, on the same machine, in the same run. */
const BARE = 'bare node:http';
/** Over the same of the bare server: what a request waits beyond its queue is the machine's and the generator's too. */
const P99_OVER_BARE = 1.25;

export default function bench({ seconds = 60, modes = ['inline', 'process'] } = {}) {
  return withFolder(async (folder) => {
    const registered = registerRunner(folder, 'busy.runner.ts');
    const start = (execution) =>
      execution === BARE
        ? startServer([process.execPath, path('bench/serve/rivals/bareBusy.mjs')], {
            ready: '/',
            env: { QUEUE: String(QUEUE) },
          })
        : startOurs(registered, {
            load: { execution, workers: 1 },
            model: { queue: QUEUE, ...(execution === 'inline' && { concurrency: 1 }) },
          });
    const figures = [];
    let bare;
    for (const contender of [BARE, ...modes]) {
      const server = await start(contender);
      try {
        const measured = await measure(server, contender, seconds, bare);
        bare ??= measured.p99OverBound;
        figures.push(...measured.figures);
      } finally {
        await server.stop();
      }
    }
    return figures;
  });
}

async function measure(server, contender, seconds, bare) {
  const url = `${server.url}/predict`;
  // As many callers as keep the model busy and the queue from filling.
  const closed = { connections: QUEUE / 2 };
  const capacityNow = async () =>
    (await closedLoop(url, REQUEST, { ...closed, seconds: CAPACITY_SECONDS })).rate;
  await closedLoop(url, REQUEST, { ...closed, seconds: 2 });
  const before = await capacityNow();

  const memory = [];
  const sampler = setInterval(() => memory.push(residentBytes(server.tree()) / 1e6), 250);
  const begun = readTicks();
  const { answers, late, unanswered } = await openLoop(url, REQUEST, {
    rate: 2 * before,
    seconds,
    open: 8 * QUEUE,
  });
  const stolen = stolenBetween(begun, readTicks());
  clearInterval(sampler);
  // The machine is not the same at any time.
  const capacity = (before + (await capacityNow())) / 2;
  const { accepted, counts } = sortAnswers(answers, seconds);
  const goodput = accepted.length / seconds;
  const p99 = percentile(
    accepted.map(({ latency }) => latency),
    0.99,
  );
  // What is before the last request that was let in, at the rate of this run.
  const bound = ((QUEUE + AHEAD[contender]) / goodput) * 1000;
  const p99OverBound = p99 / bound;
  const figures = [
    {
      figure: `${contender}: goodput at twice the capacity`,
      value: (goodput / capacity) * 100,
      ...(bare && { limit: 90, atLeast: true }),
      unit: '%',
      detail: `${goodput.toFixed(0)}/s of ${capacity.toFixed(0)}/s (before and after) in ${seconds} s; answers by status: ${JSON.stringify(counts)}, unanswered ${unanswered}; sent late by ${percentile(late, 0.99).toFixed(1)} ms (p99); ${stolen.toFixed(0)} % of the machine stolen`,
    },
    {
      figure: `${contender}: p99 of accepted requests, over what the queue allows`,
      value: p99OverBound,
      ...(bare && { limit: P99_OVER_BARE * Math.max(1, bare) }),
      unit: 'times',
      detail: `p99 ${p99.toFixed(0)} ms; queue of ${QUEUE} and ${AHEAD[contender]} ahead of it at ${(1000 / goodput).toFixed(2)} ms: ${bound.toFixed(0)} ms`,
    },
  ];
  if (bare !== undefined) figures.push(...(await rest(server, contender, memory)));
  return { figures, p99OverBound };
}

/** What it costs besides: memory under load, CPU when there is none. */
async function rest(server, contender, memory) {
  const third = Math.floor(memory.length / 3);
  const [first, last] = [median(memory.slice(0, third)), median(memory.slice(-third))];
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const tree = server.tree();
  const before = cpuSeconds(tree);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const idle = ((cpuSeconds(tree) - before) / IDLE_SECONDS) * 100;
  return [
    {
      figure: `${contender}: RSS, last third over first third`,
      value: last / first,
      limit: 1.1,
      unit: 'times',
      detail: `${first.toFixed(0)} to ${last.toFixed(0)} MB, most ${Math.max(...memory).toFixed(0)} MB, all processes`,
    },
    {
      figure: `${contender}: CPU of an idle server`,
      value: idle,
      limit: 1,
      unit: '%',
      detail: `of one core, over ${IDLE_SECONDS} s`,
    },
  ];
}

function sortAnswers(answers, seconds) {
  const counts = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  // What was answered after the load ended is not the rate of the load.
  const accepted = answers.filter(
    ({ status, due, latency }) => status === 200 && due + latency <= seconds * 1000,
  );
  return { accepted, counts };
}
