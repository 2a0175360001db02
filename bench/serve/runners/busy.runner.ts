import { IsNumber } from 'class-validator';
import { Load, Predict, Runner } from 'runwright';

export class Task {
  /** Of CPU. */
  @IsNumber() milliseconds!: number;
}
export class Done {
  @IsNumber() milliseconds!: number;
}

/** A model that needs a core for as long as it is told to. */
@Runner({ name: 'busy' })
export class BusyRunner {
  @Load() load(): true {
    return true;
  }
  @Predict({ input: () => Task, output: () => Done }) predict(_model: true, { milliseconds }: Task): Done {
    const start = performance.now();
    while (performance.now() - start < milliseconds);
    return { milliseconds: performance.now() - start };
  }
}
