/** What `interleaveLoads` measured of two servers, for people: the rates, what a request cost, and every round. */
export function describeLoads(loads, name, other) {
  const to = (key, digits, unit) =>
    `${loads.of(name, key).toFixed(digits)}${unit} to ${loads.of(other, key).toFixed(digits)}${unit}`;
  const rounds = (of) =>
    loads
      .all(of, 'rate')
      .map((rate) => (rate / 1000).toFixed(1))
      .join(' ');
  return `${to('rate', 0, '/s')}; CPU ${to('cpu', 0, ' µs')} a request; thousands: ${rounds(name)} to ${rounds(other)}`;
}
