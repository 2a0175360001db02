import type { RunnerManifest } from '../../packer/manifest/RunnerManifest';
import type { ModelSignature } from '../../models/tensor/ModelSignature';
import { readModel, type ModelDescription } from '../../registrar/readModel';
import type { CommandContext } from '../CommandContext';
import { describeParity } from '../describeParity';
import { describeTensors } from '../describeTensors';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatTable } from '../formatTable';

export async function show(reference: string, { terminal, registry }: CommandContext): Promise<ExitCode> {
  const found = await readModel(reference, registry);
  const { digest, manifest } = found;
  await terminal.answer({ reference: found.reference, digest, manifest }, describe(found));
  return EXIT.done;
}

function describe({ reference, digest, entry, manifest }: ModelDescription): string {
  const { runner, model, artifacts, requirements, framework } = manifest;
  const { signature, parity } = model;
  const [compared = '', ...differences] = parity ? describeParity(parity) : [];
  const rows: [string, string][] = [
    ['reference', reference],
    ['digest', digest],
    ['registered', entry?.registeredAt ?? 'no number points at it'],
    ['aliases', entry?.aliases.join(', ') ?? ''],
    [
      'runner',
      runner.export === null
        ? `${runner.name} (made from its model)`
        : `${runner.name} (class ${runner.className})`,
    ],
    ['description', runner.description ?? ''],
    ['stages', stages(runner)],
    ['input', runner.input.type],
    ['output', `${runner.stream ? 'a stream of ' : ''}${runner.output.type}`],
    ['batch', runner.batch ? `up to ${runner.batch.maxSize}` : oneByOne(signature)],
    ['model', model.format],
    ['tensors in', signature ? describeTensors(signature.inputs) : ''],
    ['tensors out', signature ? describeTensors(signature.outputs) : ''],
    ['parity', compared],
    ...differences.map((line): [string, string] => ['', line]),
    ['artifacts', artifacts.join(', ')],
    ['requirements', requirements.packages.map(({ name, version }) => `${name}@${version}`).join(', ')],
    ['made by', `${framework.name} ${framework.version}`],
  ];
  return formatTable(rows.filter(([, value]) => value !== ''));
}

function oneByOne(signature: ModelSignature | undefined): string {
  return signature?.batchReason === undefined ? '' : `one by one: ${signature.batchReason}`;
}

function stages({ stages: declared }: RunnerManifest['runner']): string {
  return Object.entries(declared)
    .map(([stage, { method }]) => (stage === method ? stage : `${stage} (${method})`))
    .join(', ');
}
