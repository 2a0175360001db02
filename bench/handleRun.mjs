// What one `handle.run` costs beyond awaiting the three methods by hand, on an identity runner without validation.
import { createRequire } from 'node:module';
import { median } from './support/median.mjs';
import { path } from './support/path.mjs';

const { Runner, Preprocess, Predict, Postprocess, Unvalidated, createRunner } = createRequire(
  import.meta.url,
)(path('dist/index.js'));

const CALLS = 100_000;
const ROUNDS = 9;

class Identity {
  preprocess(data) {
    return data;
  }
  predict(_model, data) {
    return data;
  }
  postprocess(data) {
    return data;
  }
}
const decorate = (decorator, method) =>
  decorator(Identity.prototype, method, Object.getOwnPropertyDescriptor(Identity.prototype, method));
decorate(Preprocess({ input: Unvalidated }), 'preprocess');
decorate(Predict(), 'predict');
decorate(Postprocess({ output: Unvalidated }), 'postprocess');
Runner('identity')(Identity);

export default async function bench() {
  const handle = await createRunner(Identity, { model: 1 });
  const runner = new Identity();
  const byHand = async (input) => {
    const data = await runner.preprocess(input);
    const output = await runner.predict(1, data);
    return await runner.postprocess(output);
  };
  const nanoseconds = async (call) => {
    const start = process.hrtime.bigint();
    for (let at = 0; at < CALLS; at += 1) await call(at);
    return Number(process.hrtime.bigint() - start) / CALLS;
  };
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const hand = await nanoseconds(byHand);
    const run = await nanoseconds((input) => handle.run(input));
    if (round > 0) rounds.push({ hand, run, beyond: run - hand });
  }
  const of = (key) => median(rounds.map((round) => round[key]));
  return [
    {
      figure: 'handle.run beyond three awaits',
      value: of('beyond') / 1000,
      limit: 2,
      unit: 'µs',
      detail: `run ${of('run').toFixed(0)} ns, by hand ${of('hand').toFixed(0)} ns`,
    },
  ];
}
