import type {
  BatchContext,
  LoadContext,
  Props,
  RunContext,
  SaveContext,
  Artifacts,
} from '../metadata/contexts';

type Awaitable<T> = T | Promise<T>;

// `never` for what a user types freely: a parameter of any type accepts it, so only the shape is checked.
export type SaveMethod = (model: never, context: SaveContext) => Awaitable<Props>;
export type LoadMethod = (props: Props, artifacts: Artifacts, context: LoadContext) => unknown;
export type PreprocessMethod = (data: never, context: RunContext) => unknown;
export type PredictMethod = (model: never, modelInput: never, context: RunContext) => unknown;
export type BatchPredictMethod = (
  model: never,
  modelInputs: never[],
  context: BatchContext,
) => Awaitable<readonly unknown[]>;
export type StreamPredictMethod = (
  model: never,
  modelInput: never,
  context: RunContext,
) => Awaitable<AsyncIterable<unknown> | Iterable<unknown>>;
export type PostprocessMethod = (modelOutput: never, context: RunContext) => unknown;
export type DisposeMethod = (model: never) => Awaitable<void>;

/** A decorator for an instance or static method of shape `M`. */
export type StageDecorator<M> = <T extends M>(
  target: object,
  member: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;
