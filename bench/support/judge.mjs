/** Whether a figure keeps its limit: most that it may be, or with `atLeast` least; `null` when it is only stated. */
export function judge({ value, limit, atLeast = false }) {
  if (limit === undefined) return null;
  return atLeast ? value >= limit : value <= limit;
}
