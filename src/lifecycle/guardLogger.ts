import type { Logger } from '../metadata/contexts';

/** The same logger; what it throws has nowhere to be told, and must not cost a worker its life or a caller its answer. */
export function guardLogger(logger: Logger): Logger {
  const guard =
    (level: keyof Logger) =>
    (...args: unknown[]): void => {
      try {
        logger[level](...args);
      } catch {
        // Its maker's fault, and no request's.
      }
    };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}
