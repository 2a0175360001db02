import { RunwrightError } from '../errors/RunwrightError';

/** Of a queue that has been closed. */
export function closedError(where: string): RunwrightError {
  return new RunwrightError('RW_HANDLE_STATE', {
    where,
    what: 'its queue is closed and takes nothing more',
    hint: 'Call before close()',
  });
}

/** Of a queue that has no place left. */
export function fullError(where: string, waiting: number, running: number): RunwrightError {
  return new RunwrightError('RW_QUEUE_FULL', {
    where,
    what: `the queue is full: ${waiting} wait and ${running} are under way`,
    hint: 'Try again later, send less, or serve with more workers or a longer queue',
  });
}

/** Of a run that has answered more or fewer items than it was given. */
export function wrongCountError(where: string, given: number, received: number): RunwrightError {
  return new RunwrightError('RW_BATCH_COUNT', {
    where,
    what: `a batch of ${given} items came back with ${received} outcomes`,
    hint: 'Give one outcome for each item, in the same order',
  });
}
