import { MessageChannel, Worker } from 'node:worker_threads';
import { describeType } from '../../errors/describeType';
import { readProperty } from '../../errors/readProperty';
import { textOf } from '../../errors/textOf';
import { PortChannel } from '../transport/PortChannel';
import { trackThread } from './liveThreads';
import type { UnitOptions, WorkerUnit } from './WorkerUnit';

const MIB = 1024 * 1024;

/** A worker in a thread of this process, with a port of its own: the runner may use `parentPort` as it likes. */
export function startThread({ program, memoryLimit }: UnitOptions): WorkerUnit {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(program, {
    workerData: { port: port2 },
    transferList: [port2],
    execArgv: [],
    ...(memoryLimit !== undefined && {
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(memoryLimit / MIB) },
    }),
  });
  trackThread(worker);
  let failure: string | undefined;
  const ended = new Promise<string>((resolve) => {
    // Whatever its code has thrown, which need not be an error.
    worker.once('error', (error: unknown) => {
      failure =
        readProperty(error, 'code') === 'ERR_WORKER_OUT_OF_MEMORY'
          ? 'its heap passed the memory limit'
          : (textOf(error, 'message') ?? describeType(error));
    });
    worker.once('exit', (code) => resolve(failure ?? `exit code ${code}`));
  });
  const channel = new PortChannel(port1);
  worker.unref();
  return { pid: undefined, channel, ended, killable: false, kill: () => void worker.terminate() };
}
