/** A POST of one JSON value, for `closedLoop`, `openLoop` and `fetch`. */
export const json = (value) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
