import { closedLoop } from './closedLoop.mjs';
import { median } from './median.mjs';
import { cpuSeconds } from './processTree.mjs';

/**
 * Loads several servers in turn, A B C A B C ..., so that what else the machine does meets all of them.
 *
 * @param contenders `{ name: { url, request, server } }`; a server that can pause does so while it is not its turn
 * @param options `{ rounds, connections, seconds }`
 * @returns by the key of a figure (`rate` in requests a second, `p50` and `p99` in milliseconds, `cpu` in microseconds of CPU
 * that all processes of the server spend on a request): `of(name, key)`, the median; `ratio(name, other, key)`, the median of the
 * ratios within one round; `all(name, key)`, every round
 */
export async function interleaveLoads(contenders, { rounds, connections, seconds }) {
  const measured = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, { url, request, server }] of Object.entries(contenders)) {
      server.resume?.();
      const before = cpuSeconds(server.tree());
      const figures = await closedLoop(url, request, { connections, seconds }).catch((cause) => {
        throw new Error(`${name}: ${cause.message}`, { cause });
      });
      const cpu = ((cpuSeconds(server.tree()) - before) / (figures.rate * seconds)) * 1e6;
      server.pause?.();
      // The first round lets every engine compile its code, and is not counted.
      if (round >= 0) measured[name].push({ ...figures, cpu });
    }
  }
  const all = (name, key) => measured[name].map((figures) => figures[key]);
  return {
    all,
    of: (name, key) => median(all(name, key)),
    ratio: (name, other, key) =>
      median(measured[name].map((figures, round) => figures[key] / measured[other][round][key])),
  };
}
