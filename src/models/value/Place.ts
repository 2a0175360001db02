/** Where in the saved value something stands, as a chain from the inside out: cheap to extend, spelled out only for an error. */
export interface Place {
  readonly parent: Place | undefined;
  readonly step: Step;
}

/** An index, the key of a member, or JavaScript as it is (`.entries()[0][1]`). */
export type Step = number | string | { readonly code: string };

const SHOWN = 200;

/** @example describePlace(place) // 'layers[0].weights' */
export function describePlace(place: Place | undefined): string {
  const steps: string[] = [];
  for (let at = place; at !== undefined; at = at.parent) steps.push(describeStep(at.step));
  const path = steps.reverse().join('').replace(/^\./, '');
  if (path === '') return '(root)';
  return path.length <= SHOWN ? path : `${path.slice(0, SHOWN / 2)}…${path.slice(-SHOWN / 2)}`;
}

function describeStep(step: Step): string {
  if (typeof step === 'object') return step.code;
  if (typeof step === 'number') return `[${step}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
