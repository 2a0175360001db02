import type { QueueEntry } from './QueueEntry';

/** Waiting entries that fit into one batch, the oldest first. A linked list: any of them may leave at any time. */
export class Bucket<T, R> {
  first: QueueEntry<T, R> | undefined = undefined;
  size = 0;
  cost = 0;
  private last: QueueEntry<T, R> | undefined = undefined;

  constructor(readonly name: string | undefined) {}

  push(entry: QueueEntry<T, R>): void {
    entry.bucket = this;
    entry.previous = this.last;
    if (this.last) this.last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.size += 1;
    this.cost += entry.cost;
  }

  remove(entry: QueueEntry<T, R>): void {
    const { previous, next } = entry;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    else this.last = previous;
    entry.previous = entry.next = entry.bucket = undefined;
    this.size -= 1;
    this.cost -= entry.cost;
  }
}
