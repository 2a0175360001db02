import { parseSpec } from './parseSpec';
import { requirementFault } from './requirementFault';

/**
 * The package that a requirement spec is about; whether its version can be taken is for `lockRequirements` to say.
 *
 * @throws RunwrightError RW_REQUIREMENT_INVALID when it names no package
 * @example requirementName('@scope/x@2.0.0') // '@scope/x'
 */
export function requirementName(spec: string): string {
  const { name, fault } = parseSpec(spec);
  if (name !== undefined) return name;
  throw requirementFault(
    'a requirement',
    fault ?? 'it has no name',
    'Write name@version, such as left-pad@1.3.0',
  );
}
