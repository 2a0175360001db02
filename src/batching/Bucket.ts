/** What a bucket keeps, with its place in it. */
export interface Waiting<E> {
  readonly cost: number;
  bucket: object | undefined;
  previous: E | undefined;
  next: E | undefined;
}

/** Waiting entries that fit into one batch, the oldest first. A linked list: any of them may leave at any time. */
export class Bucket<E extends Waiting<E>> {
  first: E | undefined = undefined;
  size = 0;
  cost = 0;
  private last: E | undefined = undefined;

  constructor(readonly name: string | undefined) {}

  push(entry: E): void {
    entry.bucket = this;
    entry.previous = this.last;
    if (this.last) this.last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.size += 1;
    this.cost += entry.cost;
  }

  remove(entry: E): void {
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
