import { describeType } from '../errors/describeType';
import type { Issue } from '../errors/Issue';
import { formatPath, type PathSegment } from './formatPath';
import { shorten } from './shorten';

/** Most issues that one answer holds; a last one then says that there were more. */
export const MAX_ISSUES = 100;

const NAME_LENGTH = 64;
const MESSAGE_LENGTH = 500;

/** Gathers issues in order, in the one form, and keeps an answer to a hostile value small. */
export class IssueList {
  private readonly issues: Issue[] = [];
  private hasMore = false;

  /** @param received the value at that path; only its type is kept. */
  add(path: readonly PathSegment[], constraint: string, message: string, received: unknown): void {
    if (this.full) return this.leaveOut();
    this.issues.push({
      path: formatPath(path),
      constraint,
      message: shorten(message, MESSAGE_LENGTH),
      received: typeName(received),
    });
  }

  /** There are issues that are not worth their details any more. */
  leaveOut(): void {
    this.hasMore = true;
  }

  get full(): boolean {
    return this.issues.length >= MAX_ISSUES;
  }

  get isEmpty(): boolean {
    return this.issues.length === 0;
  }

  toArray(): readonly Issue[] {
    if (!this.hasMore) return [...this.issues];
    const message = `there are more issues than these ${MAX_ISSUES}`;
    return [...this.issues, { path: '', constraint: 'maxIssues', message, received: 'unknown' }];
  }
}

// A hostile object can throw when asked for its prototype, or name its class at any length.
function typeName(value: unknown): string {
  try {
    return shorten(describeType(value), NAME_LENGTH);
  } catch {
    return typeof value;
  }
}
