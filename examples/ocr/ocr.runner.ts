import { readFile } from 'node:fs/promises';
import { IsInt, IsNumber, IsString, Max, Min } from 'class-validator';
import {
  Dispose,
  IsFile,
  Load,
  Postprocess,
  Predict,
  Preprocess,
  Runner,
  UploadedFile,
  ValidationError,
} from 'runwright';
import type { Artifacts, LoadContext, Props, RunContext } from 'runwright';
import { OnnxModel } from 'runwright/onnx';
import { detectLines } from './detectLines.js';
import { Picture } from './Picture.js';
import { readingOrder } from './readingOrder.js';
import { readLine } from './readLine.js';

export class OcrInput {
  @IsFile({ mime: ['image/png', 'image/jpeg', 'image/webp'], maxBytes: 20_000_000 })
  image!: UploadedFile;
}

/** A line of text, and the upright box around it in pixels of the image. */
export class TextLine {
  @IsString() text!: string;
  /** Mean probability of the characters. */
  @IsNumber() @Min(0) @Max(1) confidence!: number;
  @IsInt() @Min(0) left!: number;
  @IsInt() @Min(0) top!: number;
  @IsInt() @Min(1) width!: number;
  @IsInt() @Min(1) height!: number;
}

/** PaddleOCR: one network finds the lines, another reads them. */
export interface OcrModel {
  readonly detector: OnnxModel;
  readonly recogniser: OnnxModel;
  /** By class of the recogniser. */
  readonly characters: readonly string[];
}

@Runner({ name: 'ocr', description: 'The lines of text in an image, found and read by PaddleOCR' })
export class OcrRunner {
  @Load()
  async load(_props: Props | null, artifacts: Artifacts, { threads }: LoadContext): Promise<OcrModel> {
    const open = (name: string): Promise<OnnxModel> =>
      OnnxModel.fromFile(artifacts[name] ?? '', { intraOpNumThreads: threads });
    const keys = await readFile(artifacts['characters.txt'] ?? '', 'utf8');
    return {
      detector: await open('detector.onnx'),
      recogniser: await open('recogniser.onnx'),
      // The file names the characters between the blank, which is the first class, and the space, which is the last.
      characters: ['', ...keys.trimEnd().split(/\r?\n/), ' '],
    };
  }

  @Dispose()
  async dispose({ detector, recogniser }: OcrModel): Promise<void> {
    await Promise.all([detector.release(), recogniser.release()]);
  }

  @Preprocess({ input: () => OcrInput })
  async open({ image }: OcrInput): Promise<Picture> {
    try {
      return await Picture.open(image.path);
    } catch {
      // The caller's fault, as what the rules of OcrInput find: answered with 400.
      const message =
        'image cannot be opened: it is damaged, of another format, or larger than 40 megapixels';
      const issue = { path: 'image', constraint: 'image', message, received: 'file' };
      throw new ValidationError('input', [issue]);
    }
  }

  @Predict()
  async read(
    { detector, recogniser, characters }: OcrModel,
    picture: Picture,
    { signal }: RunContext,
  ): Promise<TextLine[]> {
    const lines: TextLine[] = [];
    for (const box of await detectLines(detector, picture, signal)) {
      const recognition = await readLine(recogniser, characters, picture, box, signal);
      lines.push({ ...recognition, ...box });
    }
    return lines;
  }

  @Postprocess({ output: () => [TextLine] })
  answer(lines: TextLine[]): TextLine[] {
    return readingOrder(lines.filter(({ text }) => text.trim() !== ''));
  }
}
