import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IsIn, IsNumber, Max, Min } from 'class-validator';
import { RandomForestClassifier } from 'ml-random-forest';
import { Load, Postprocess, Predict, Preprocess, Runner, Save } from 'runwright';
import type { Artifacts, LoadContext, Props, SaveContext } from 'runwright';

/** In the order of the numbers that the forest is trained on. */
export const SPECIES = ['setosa', 'versicolor', 'virginica'] as const;

/** Measurements of one flower, in centimetres. */
export class IrisInput {
  @IsNumber() @Min(0) sepalLength!: number;
  @IsNumber() @Min(0) sepalWidth!: number;
  @IsNumber() @Min(0) petalLength!: number;
  @IsNumber() @Min(0) petalWidth!: number;
}

export class IrisOutput {
  @IsIn(SPECIES) species!: string;
  /** Share of the trees that voted for the species. */
  @IsNumber() @Min(0) @Max(1) confidence!: number;
}

@Runner({ name: 'iris', description: 'Iris species from four measurements' })
export class IrisRunner {
  @Save()
  async save(forest: RandomForestClassifier, { directory }: SaveContext): Promise<{ file: string }> {
    await writeFile(join(directory, 'forest.json'), JSON.stringify(forest));
    return { file: 'forest.json' };
  }

  @Load()
  async load(
    props: Props,
    _artifacts: Artifacts,
    { directory }: LoadContext,
  ): Promise<RandomForestClassifier> {
    const text = await readFile(join(directory, props['file'] ?? 'forest.json'), 'utf8');
    return RandomForestClassifier.load(JSON.parse(text) as ReturnType<RandomForestClassifier['toJSON']>);
  }

  @Preprocess({ input: () => IrisInput })
  features({ sepalLength, sepalWidth, petalLength, petalWidth }: IrisInput): number[] {
    return [sepalLength, sepalWidth, petalLength, petalWidth];
  }

  /** The vote of each tree: a number of a species. */
  @Predict()
  votes(forest: RandomForestClassifier, features: number[]): number[] {
    return forest.predictionValues([features]).getRow(0);
  }

  @Postprocess({ output: () => IrisOutput })
  answer(votes: number[]): IrisOutput {
    const counts = SPECIES.map((_, species) => votes.filter((vote) => vote === species).length);
    const most = Math.max(...counts);
    return { species: SPECIES[counts.indexOf(most)] ?? '', confidence: most / votes.length };
  }
}
