import type { IssueList } from '../../schema/IssueList';
import type { PathSegment } from '../../schema/formatPath';
import type { TensorSpec } from './TensorSpec';

/**
 * The number of elements of a received shape, or `undefined` with an issue when it is not the tensor's.
 *
 * @param path of the shape
 */
export function checkShape(
  shape: unknown,
  spec: TensorSpec,
  path: readonly PathSegment[],
  issues: IssueList,
): number | undefined {
  const expected = `[${spec.shape.join(', ')}]`;
  if (!Array.isArray(shape)) {
    return void issues.add(path, 'shape', `must be an array of dimensions that fits ${expected}`, shape);
  }
  if (shape.length !== spec.shape.length) {
    const message = `must have ${spec.shape.length} dimensions, as in ${expected}, and has ${shape.length}`;
    return void issues.add(path, 'shape', message, shape);
  }
  let count = 1;
  for (const [axis, size] of shape.entries()) {
    const place = [...path, axis];
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      return void issues.add(place, 'shape', 'must be an integer that is not negative', size);
    }
    const wanted = spec.shape[axis];
    if (wanted !== -1 && size !== wanted) {
      return void issues.add(place, 'shape', `must be ${wanted}, as in ${expected}`, size);
    }
    count *= size as number;
  }
  // Not before the end: a dimension of 0 makes the others harmless.
  if (!Number.isSafeInteger(count)) {
    return void issues.add(path, 'shape', 'must stand for a number of elements that can be counted', shape);
  }
  return count;
}
