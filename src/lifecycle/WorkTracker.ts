/**
 * Told when code of a runner begins to work for a call, and when it has ended, which may be after the caller got its answer.
 * The two come in pairs, several pairs for one call.
 */
export interface WorkTracker {
  begin(): void;
  end(): void;
}
