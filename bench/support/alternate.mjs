import { median } from './median.mjs';

/**
 * Calls in turn, A B A B ..., each `calls` times a round one after another.
 *
 * @param contenders name to an async function
 * @param between called before each round
 * @returns name to microseconds a call, by rounds; the first rounds, which warm up, are not among them
 */
export async function alternate(contenders, { rounds, calls, warmUp = 3, between }) {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    await between?.();
    // Who goes first changes, so that nobody always follows the same one.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const call = contenders[name];
      const start = performance.now();
      for (let at = 0; at < calls; at += 1) await call();
      if (round >= 0) times[name].push(((performance.now() - start) * 1000) / calls);
    }
  }
  return times;
}

/** Median over the rounds of what `measure` makes of the times of one round. */
export function overRounds(times, measure) {
  const [first] = Object.values(times);
  const rounds = first.map((_, round) =>
    Object.fromEntries(Object.entries(times).map(([name, list]) => [name, list[round]])),
  );
  return median(rounds.map(measure));
}
