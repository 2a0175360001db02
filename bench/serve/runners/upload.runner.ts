import { IsInt } from 'class-validator';
import { IsFile, Load, Predict, Runner } from 'runwright';
import type { UploadedFile } from 'runwright';

export class Upload {
  @IsFile({ maxBytes: 1024 ** 3 }) video!: UploadedFile;
}
export class Received {
  @IsInt() size!: number;
}

/** Says how large the file is that it got. */
@Runner({ name: 'upload' })
export class UploadRunner {
  @Load() load(): true {
    return true;
  }
  @Predict({ input: () => Upload, output: () => Received }) predict(
    _model: true,
    { video }: Upload,
  ): Received {
    return { size: video.size };
  }
}
