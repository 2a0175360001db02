import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { isMainThread, workerData, type MessagePort } from 'node:worker_threads';
import type { Channel } from './transport/Channel';
import { PortChannel } from './transport/PortChannel';
import { SocketChannel } from './transport/SocketChannel';
import { WorkerSession, type OpenRunner } from './worker/WorkerSession';

/** The file descriptor of a worker process's channel. */
const CHANNEL = 3;
/** Enough for the parent to come first, too little to starve beside other programs. */
const NICENESS = 5;

/**
 * Makes this thread or process a worker: the whole program of one. It ends when its parent does, whatever the code of the
 * runner keeps alive.
 *
 * @param open loads the runner that the parent's spec describes
 */
export function runWorker(open: OpenRunner): void {
  const channel: Channel = isMainThread
    ? new SocketChannel(new Socket({ fd: CHANNEL, readable: true, writable: true }))
    : new PortChannel((workerData as { port: MessagePort }).port);
  yieldToParent();
  const session = new WorkerSession(channel, open);
  channel.listen({
    onMessage: (message) => session.receive(message),
    onEnd: () => {
      if (isMainThread) end(session.closed);
    },
  });
  if (!isMainThread) return;
  // Ctrl-C and service managers send these to every process of a program. The parent decides what becomes of them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}

/** Health, limits and new requests are the parent's, and must not wait for a model that computes. */
function yieldToParent(): void {
  // Elsewhere than on Linux this would be the priority of the whole process.
  if (!isMainThread && process.platform !== 'linux') return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // Not allowed here: it works all the same.
  }
}

function end(disposed: boolean): void {
  // eslint-disable-next-line no-restricted-properties -- a process that we started and that has nothing more to do
  if (disposed) process.exit(0);
  // The parent is gone. Handlers of the runner's own code must not keep this process.
  process.kill(process.pid, 'SIGKILL');
}
