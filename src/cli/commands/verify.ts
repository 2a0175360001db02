import { verifyArchive, verifyModel } from '../../registrar/verifyModel';
import type { CommandContext } from '../CommandContext';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatBytes } from '../formatBytes';
import { parseTarget } from '../Target';
import { usageError } from '../usageError';
import { withProgress } from '../withProgress';

export async function verify(
  source: string,
  { terminal, signal, registry }: CommandContext,
): Promise<ExitCode> {
  const target = parseTarget(source);
  if (target.kind === 'entry') {
    throw usageError(
      'runwright verify',
      `${source} is a module, and a package is expected`,
      'Name a model, for example iris:3, or a file that `runwright build` wrote',
    );
  }
  if (target.kind === 'onnx') {
    throw usageError(
      'runwright verify',
      `${source} is a model alone, and a package is expected`,
      'Register it, or build a package of it; `runwright predict` shows whether it can be run',
    );
  }
  const { digest, ok, blobs } = await withProgress(terminal, (progress) => {
    const onBytes = (bytes: number, total: number): void => progress.update(bytes / total, 'verify');
    return target.kind === 'archive'
      ? verifyArchive(target.path, { signal, onBytes })
      : verifyModel(target.reference, { ...registry, signal, onBytes });
  });
  for (const blob of blobs) {
    if (!blob.ok) {
      terminal.complain(
        `error: ${blob.fault ?? 'it is damaged'} [RW_PACKAGE_CORRUPT]\n` +
          `  where: ${blob.path ?? 'the config'} (${blob.digest})\n` +
          '  fix: Register the model again, or restore the file from a copy',
      );
    }
  }
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  const bad = blobs.filter((blob) => !blob.ok).length;
  const text = ok
    ? `${digest} is intact: ${blobs.length} blobs, ${formatBytes(bytes)}`
    : `${digest} is damaged: ${bad} of ${blobs.length} blobs`;
  await terminal.answer({ digest, ok, blobs }, text);
  return ok ? EXIT.done : EXIT.failed;
}
