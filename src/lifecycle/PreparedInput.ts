import type { RequestContext } from './RequestContext';
import type { WorkTracker } from './WorkTracker';

/** What preprocess made of one input, on its way to a batch. */
export interface PreparedInput {
  readonly modelInput: unknown;
  readonly context: RequestContext;
  readonly tracker?: WorkTracker | undefined;
}
