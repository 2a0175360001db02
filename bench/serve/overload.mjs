// What a server does with twice the load that it can serve: a model of 1 ms an item, requests at fixed times whatever becomes
// of those before. Then what it costs while nothing comes.
import { closedLoop } from '../support/closedLoop.mjs';
import { json } from '../support/json.mjs';
import { median } from '../support/median.mjs';
import { openLoop } from '../support/openLoop.mjs';
import { percentile } from '../support/percentile.mjs';
import { cpuSeconds, residentBytes } from '../support/processTree.mjs';
import { registerRunner } from '../support/registerRunner.mjs';
import { startOurs } from '../support/startOurs.mjs';
import { withFolder } from '../support/withFolder.mjs';

const REQUEST = json({ milliseconds: 1 });
const QUEUE = 64;
/** Requests beyond the queue: with the model, or on the way to the worker. */
const AHEAD = { inline: 1, thread: 8, process: 8 };
const IDLE_SECONDS = 10;
const CAPACITY_SECONDS = 5;

export default function bench({ seconds = 60, modes = ['inline', 'process'] } = {}) {
  return withFolder(async (folder) => {
    const registered = registerRunner(folder, 'busy.runner.ts');
    const figures = [];
    for (const execution of modes) {
      const server = await startOurs(registered, {
        load: { execution, workers: 1 },
        model: { queue: QUEUE, ...(execution === 'inline' && { concurrency: 1 }) },
      });
      try {
        figures.push(...(await measure(server, execution, seconds)));
      } finally {
        await server.stop();
      }
    }
    return figures;
  });
}

async function measure(server, execution, seconds) {
  const url = `${server.url}/predict`;
  // As many callers as keep the model busy and the queue from filling.
  const closed = { connections: QUEUE / 2 };
  await closedLoop(url, REQUEST, { ...closed, seconds: 2 });
  const { rate: capacity } = await closedLoop(url, REQUEST, { ...closed, seconds: CAPACITY_SECONDS });

  const memory = [];
  const sampler = setInterval(() => memory.push(residentBytes(server.tree()) / 1e6), 250);
  const { answers, late, unanswered } = await openLoop(url, REQUEST, {
    rate: 2 * capacity,
    seconds,
    open: 8 * QUEUE,
  });
  clearInterval(sampler);
  const { accepted, counts } = sortAnswers(answers, seconds);
  const goodput = accepted.length / seconds;
  const p99 = percentile(
    accepted.map(({ latency }) => latency),
    0.99,
  );
  // What is before the last request that was let in, at the rate of this run.
  const bound = ((QUEUE + AHEAD[execution]) / goodput) * 1000;
  const third = Math.floor(memory.length / 3);
  const [first, last] = [median(memory.slice(0, third)), median(memory.slice(-third))];

  await new Promise((resolve) => setTimeout(resolve, 2000));
  const tree = server.tree();
  const before = cpuSeconds(tree);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const idle = ((cpuSeconds(tree) - before) / IDLE_SECONDS) * 100;

  return [
    {
      figure: `${execution}: goodput at twice the capacity`,
      value: (goodput / capacity) * 100,
      limit: 90,
      atLeast: true,
      unit: '%',
      detail: `${goodput.toFixed(0)}/s of ${capacity.toFixed(0)}/s in ${seconds} s; answers by status: ${JSON.stringify(counts)}, unanswered ${unanswered}; sent late by ${percentile(late, 0.99).toFixed(1)} ms (p99)`,
    },
    {
      figure: `${execution}: p99 of accepted requests, over what the queue allows`,
      value: p99 / bound,
      limit: 1.25,
      unit: 'times',
      detail: `p99 ${p99.toFixed(0)} ms; queue of ${QUEUE} and ${AHEAD[execution]} ahead of it at ${(1000 / goodput).toFixed(2)} ms: ${bound.toFixed(0)} ms`,
    },
    {
      figure: `${execution}: RSS, last third over first third`,
      value: last / first,
      limit: 1.1,
      unit: 'times',
      detail: `${first.toFixed(0)} to ${last.toFixed(0)} MB, most ${Math.max(...memory).toFixed(0)} MB, all processes`,
    },
    {
      figure: `${execution}: CPU of an idle server`,
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
