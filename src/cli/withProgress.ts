import type { RegisterProgress } from '../registrar/RegisterModelOptions';
import type { TransferProgress } from '../registrar/TransferProgress';
import { formatBytes } from './formatBytes';
import type { Terminal } from './Terminal';

/** A bar on the terminal, or nothing where none is wanted. */
export interface Progress {
  /** @param share from 0 to 1 @param label what is being done */
  update(share: number, label: string): void;
  /** Removes the bar. */
  stop(): void;
}

const NONE: Progress = { update: () => undefined, stop: () => undefined };

/** Draws a bar while `work` runs, when somebody looks. */
export async function withProgress<T>(
  terminal: Terminal,
  work: (progress: Progress) => Promise<T>,
  wanted = true,
): Promise<T> {
  const progress = terminal.showsProgress && wanted ? await openBar(terminal) : NONE;
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

async function openBar({ stderr }: Terminal): Promise<Progress> {
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar(
    { stream: stderr, format: '{bar} {percentage}% {label}', clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update(share, label) {
      // Work that has nothing to tell draws nothing.
      if (!isStarted) bar.start(1, share, { label });
      isStarted = true;
      bar.update(share, { label });
    },
    stop: () => bar.stop(),
  };
}

/** Of what the command line registers. */
const PHASES: readonly RegisterProgress['phase'][] = ['bundle', 'check', 'save', 'pack', 'publish'];

/** A registration's own account of itself, as one bar over all of its phases. */
export function drawPhases(progress: Progress): (progress: RegisterProgress) => void {
  return ({ phase, bytes = 0, total = 0 }) => {
    const within = total > 0 ? bytes / total : 0;
    const moved = total > 0 ? ` ${formatBytes(bytes)} of ${formatBytes(total)}` : '';
    progress.update((PHASES.indexOf(phase) + within) / PHASES.length, phase + moved);
  };
}

/** Bytes on their way over the network. @param label what is being done: `fetch` */
export function drawTransfer(progress: Progress, label: string): (progress: TransferProgress) => void {
  return ({ bytes, total }) => {
    const share = total > 0 ? bytes / total : 1;
    progress.update(share, `${label} ${formatBytes(bytes)} of ${formatBytes(total)}`);
  };
}
