import type { Tensor } from 'onnxruntime-common';
import { IsTensor, Load, Predict, Runner } from 'runwright';

const SHAPE = [3, 224, 224];

export class Image {
  @IsTensor({ dtype: 'float32', shape: SHAPE }) pixels!: Tensor;
}

/** Gives the image back as it came: all the time is the way there and back. */
@Runner({ name: 'image' })
export class ImageRunner {
  @Load() load(): true {
    return true;
  }
  @Predict({ input: () => Image, output: () => Image }) predict(_model: true, image: Image): Image {
    return image;
  }
}
