import type { CopiedModel } from '../../registrar/CopiedModel';
import { copyModel } from '../../registrar/copyModel';
import { parseRegistryUrl } from '../../registry/parseRegistryUrl';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { parseRepository } from '../parseRepository';
import type { Terminal } from '../Terminal';
import { drawTransfer, withProgress } from '../withProgress';

export interface CopyFlags {
  /** `[organization/]repository` */
  readonly repository?: string;
}

export async function copy(
  reference: string,
  target: string,
  { repository }: CopyFlags,
  { terminal, signal, registry }: CommandContext,
): Promise<ExitCode> {
  const { url } = parseRegistryUrl(target, '<registry>');
  const named = repository === undefined ? {} : parseRepository(repository, '--repository');
  const copied = await withProgress(terminal, (progress) =>
    copyModel(reference, {
      from: registry,
      to: target,
      ...named,
      signal,
      onProgress: drawTransfer(progress, 'copy'),
    }),
  );
  return answerCopied(copied, url, terminal);
}

/** @param url of the registry that it is in */
export async function answerCopied(copied: CopiedModel, url: string, terminal: Terminal): Promise<ExitCode> {
  const { organization, repository, number, digest, reference, sent } = copied;
  await terminal.answer(
    { organization, repository, number, digest, reference, sent },
    `${sent ? 'made' : 'it is there already:'} ${reference} in ${url}\n${digest}`,
  );
  return EXIT.done;
}
