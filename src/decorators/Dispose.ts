import { stageDecorator } from './stageDecorator';
import type { DisposeMethod, StageDecorator } from './stageMethods';

/**
 * Marks the method that frees what `@Load` took: `(model) => void`. It runs once, when the handle is closed and running
 * work has ended.
 *
 * @example
 * @Dispose() async dispose(session: InferenceSession) { await session.release(); }
 */
export function Dispose(): StageDecorator<DisposeMethod> {
  return stageDecorator('dispose');
}
