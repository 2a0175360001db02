import type { Constructor } from '../../metadata/Constructor';
import type { TensorValue } from '../../schema/isTensorValue';
import type { ModelSignature } from './ModelSignature';

const DIRECT_RUN = Symbol('runwright.direct-run');

/** Tensors by name, without onnxruntime-common's own types: what users compile reaches this. */
export type TensorValues = Readonly<Record<string, TensorValue>>;

/**
 * The short way of one item through a runner that is nothing but its model: the same answers in fewer steps. It gives up on
 * everything that is not plainly right, so that all errors come from one place.
 */
export interface DirectRun {
  readonly signature: ModelSignature;
  /** What the model takes, judged as by its own check; `undefined` for what the schema must judge. */
  toFeeds(input: unknown): TensorValues | undefined;
  /** The caller's output; `undefined` for what the schema must judge. */
  toOutput(outputs: TensorValues): object | undefined;
  /** The same without a judgement. */
  toItem(outputs: TensorValues): TensorValues;
}

/** Offers a short way to whoever runs the class. */
export function offerDirectRun(runnerClass: Constructor, direct: DirectRun): void {
  Object.defineProperty(runnerClass, DIRECT_RUN, { value: direct });
}

/** Of the class itself: a subclass may do something else. */
export function directRunOf(runnerClass: Constructor): DirectRun | undefined {
  if (!Object.hasOwn(runnerClass, DIRECT_RUN)) return undefined;
  return (runnerClass as { [DIRECT_RUN]?: DirectRun })[DIRECT_RUN];
}
