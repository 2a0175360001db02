import { describeType } from '../errors/describeType';
import type { Issue } from '../errors/Issue';
import { formatPath, type PathSegment } from './formatPath';
import { shorten } from './shorten';

/** Most issues that one answer holds; a last one then says how many there were beside them. */
export const MAX_ISSUES = 100;

const NAME_LENGTH = 64;
const MESSAGE_LENGTH = 500;

/** Gathers issues in order, in the one form, and keeps an answer to a hostile value small. */
export class IssueList {
  private readonly issues: Issue[] = [];
  private left = 0;

  /** @param received the value at that path; only its type is kept. */
  add(path: readonly PathSegment[], constraint: string, message: string, received: unknown): void {
    if (this.full) return this.leaveOut(1);
    this.issues.push({
      path: formatPath(path),
      constraint,
      message: shorten(message, MESSAGE_LENGTH),
      received: typeName(received),
    });
  }

  /** Counts issues that are not worth their details any more. */
  leaveOut(count: number): void {
    this.left += count;
  }

  get full(): boolean {
    return this.issues.length >= MAX_ISSUES;
  }

  get isEmpty(): boolean {
    return this.issues.length === 0;
  }

  toArray(): readonly Issue[] {
    if (this.left === 0) return [...this.issues];
    const message = `${this.left} more ${this.left === 1 ? 'issue is' : 'issues are'} left out`;
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
