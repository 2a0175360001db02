const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size for people, in powers of 1000. @example formatBytes(1234567) // '1.2 MB' */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999,950 B would be rounded to 1000.0 kB.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
