import { pullModel } from '../../registrar/pullModel';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { drawTransfer, withProgress } from '../withProgress';

export interface PullFlags {
  readonly output: string;
}

export async function pull(
  reference: string,
  { output }: PullFlags,
  { terminal, signal, registry }: CommandContext,
): Promise<ExitCode> {
  const pulled = await withProgress(terminal, (progress) =>
    pullModel(reference, {
      ...registry,
      directory: output,
      signal,
      onProgress: drawTransfer(progress, 'fetch'),
    }),
  );
  const { digest, directory } = pulled;
  await terminal.answer(
    { reference: pulled.reference, digest, directory },
    `pulled ${pulled.reference} into ${directory}\n${digest}`,
  );
  return EXIT.done;
}
