import type { Clock } from './Clock';

/** Runs of one item, to see whether they still outlast their turn. */
const RUNS_BETWEEN_CHECKS = 16;

/** Finds out whether items come one after another, each when the one before it has been answered: nothing is to be gathered then. */
export class LoneItems {
  /** True while the end of a turn would be waited for in vain. */
  alone = false;
  /** True while a run of one item is at work. */
  private running = false;
  /** True when the last run of one item has lasted beyond the turn that it began in. */
  private outlasted = false;
  /** True when something came while the last run was at work. */
  private crowded = false;
  private runs = 0;

  constructor(private readonly clock: Clock) {}

  /** A run of `count` items begins. */
  begin(count: number): void {
    if (count > 1) return;
    this.running = true;
    // What outlasted its turn will do so again: asked now and then.
    if (this.alone && (this.runs += 1) % RUNS_BETWEEN_CHECKS > 0) return;
    this.outlasted = false;
    this.clock.afterTurn(this.onTurn);
  }

  /** @param crowded whether others wait when it ends */
  end(count: number, crowded: boolean): void {
    this.running = false;
    // Of a run that ends within its turn, nobody can say whether others were to come. Who has waited did not come by itself.
    this.alone = count === 1 && this.outlasted && !crowded && !this.crowded;
    this.crowded = crowded;
  }

  private readonly onTurn = (): void => {
    this.outlasted = this.running;
  };
}
