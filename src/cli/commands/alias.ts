import { formatReference } from '../../artifact/Reference';
import { aliasModel } from '../../registrar/aliasModel';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { listedModel } from '../listedModel';

export async function alias(
  reference: string,
  name: string,
  { terminal, registry }: CommandContext,
): Promise<ExitCode> {
  const entry = await aliasModel(reference, name, registry);
  const { organization, repository, number } = entry;
  const target = formatReference({ organization, repository, number });
  await terminal.answer(listedModel(entry), `${organization}/${repository}:${name} is ${target}`);
  return EXIT.done;
}
