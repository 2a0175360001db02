import { isRecord } from '../artifact/isRecord';
import { describeType } from '../errors/describeType';
import type { RunnerOptions, StageOptions } from '../metadata/options';
import { STAGES, type StageName } from '../metadata/stages';
import { checkBatch } from './checkBatch';
import type { DeclaredStages } from './collectStages';
import type { FaultList } from './FaultList';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/;
const RUNNER_OPTIONS: readonly (keyof RunnerOptions)[] = ['name', 'description', 'oip'];
const STAGE_OPTIONS: Readonly<Record<StageName, readonly (keyof StageOptions)[]>> = {
  save: [],
  load: [],
  preprocess: ['input'],
  predict: ['input', 'output', 'batch', 'stream'],
  postprocess: ['output'],
  dispose: [],
};

/** Checks what was written in the decorators' parentheses, which JavaScript users can get wrong unseen. */
export function checkOptions(
  name: string,
  options: RunnerOptions,
  stages: DeclaredStages,
  faults: FaultList,
): void {
  unknownOptions(options, RUNNER_OPTIONS, undefined, faults);
  if (typeof name !== 'string' || !NAME.test(name)) {
    faults.add(
      undefined,
      typeof name === 'string'
        ? `the runner's name "${name}" cannot stand in a URL`
        : `the runner's name is ${typeof name}`,
      'Give @Runner({ name }) letters, digits, ".", "_" and "-", 1 to 128 of them, a letter or digit at both ends',
    );
  }
  if (options.description !== undefined && typeof options.description !== 'string') {
    faults.add(
      undefined,
      `the description is ${typeof options.description}`,
      'Give @Runner({ description }) a string',
    );
  }
  if (options.oip !== undefined) checkOip(options.oip, faults);
  for (const stage of STAGES) {
    const declared = stages[stage];
    if (declared) unknownOptions(declared.options, STAGE_OPTIONS[stage], declared.member, faults);
  }
  const predict = stages.predict;
  const batch: unknown = predict?.options.batch;
  const stream: unknown = predict?.options.stream;
  if (predict && batch !== undefined) checkBatch(batch, predict.member, faults);
  if (predict && stream !== undefined && typeof stream !== 'boolean') {
    faults.add(
      predict.member,
      `\`stream\` is ${describeType(stream)}`,
      'Write @Predict({ stream: true }), or leave it out',
    );
  }
}

function checkOip(oip: unknown, faults: FaultList): void {
  const write = 'Write @Runner({ oip: { batch: false } }), or leave it out';
  if (!isRecord(oip)) return faults.add(undefined, `\`oip\` is ${describeType(oip)}`, write);
  for (const [key, value] of Object.entries(oip)) {
    if (key !== 'batch') faults.add(undefined, `\`oip\` got an unknown option "${key}"`, 'It knows `batch`');
    else if (value !== undefined && typeof value !== 'boolean') {
      faults.add(undefined, `\`oip.batch\` is ${describeType(value)}`, write);
    }
  }
}

function unknownOptions(
  options: object,
  known: readonly string[],
  member: string | symbol | undefined,
  faults: FaultList,
): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = known.length === 0 ? 'It takes no options' : `Known options are ${known.join(', ')}`;
    faults.add(member, `the decorator got an unknown option "${key}"`, hint);
  }
}
