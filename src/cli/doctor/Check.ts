/** What was looked at, what was found, and how to make it right. */
export interface Check {
  readonly name: string;
  /** `failed`: it will not work. `warning`: it works with care. */
  readonly status: 'ok' | 'warning' | 'failed';
  readonly found: string;
  readonly fix?: string;
}

export function ok(name: string, found: string): Check {
  return { name, status: 'ok', found };
}

export function warning(name: string, found: string, fix: string): Check {
  return { name, status: 'warning', found, fix };
}

export function failed(name: string, found: string, fix: string): Check {
  return { name, status: 'failed', found, fix };
}
