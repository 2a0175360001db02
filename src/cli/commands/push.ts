import { pushArchive } from '../../registrar/pushArchive';
import { parseRegistryUrl } from '../../registry/parseRegistryUrl';
import type { CommandContext } from '../CommandContext';
import type { LoadFlags } from '../EntryFlags';
import type { ExitCode } from '../ExitCode';
import { parseRepository } from '../parseRepository';
import { parseTarget } from '../Target';
import { usageError } from '../usageError';
import { drawPhases, withProgress } from '../withProgress';
import { answerCopied, copy, type CopyFlags } from './copy';

export interface PushFlags extends CopyFlags, LoadFlags {}

/** An archive, or a model of the default registry, to another registry. */
export async function push(
  source: string,
  target: string,
  { repository, allowScripts }: PushFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal, registry } = context;
  const what = parseTarget(source);
  if (what.kind === 'reference')
    return copy(what.reference, target, { ...(repository !== undefined && { repository }) }, context);
  if (what.kind !== 'archive') {
    throw usageError(
      'runwright push',
      `${source} is ${what.kind === 'entry' ? 'a module' : 'a model alone'}, and a package is expected`,
      `Register it there: \`runwright register ${source} --registry <registry> --repository <name>\`, or build an archive of it first`,
    );
  }
  const { url } = parseRegistryUrl(target, '<registry>');
  const pushed = await withProgress(terminal, (progress) =>
    pushArchive({
      file: what.path,
      registry: target,
      organizationName: registry.organizationName,
      ...(repository !== undefined && parseRepository(repository, '--repository')),
      allowScripts,
      signal,
      onProgress: drawPhases(progress),
    }),
  );
  return answerCopied(pushed, url, terminal);
}
