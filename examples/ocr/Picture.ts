import { Tensor } from 'onnxruntime-common';
import sharp from 'sharp';

/** A rectangle of pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How a network wants its pixels: `(value / 255 - mean) / deviation`, for each channel. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** More would be a bomb: a small file that needs gigabytes once it is opened. */
const MAX_PIXELS = 40_000_000;
/** Whatever the caller calls the file: sharp opens more, and an SVG is a program compared to these. */
const FORMATS = ['png', 'jpeg', 'webp'];

/** An image in memory, of which networks are shown parts. */
export class Picture {
  private constructor(
    readonly width: number,
    readonly height: number,
    /** Red, green, blue, row by row. */
    private readonly pixels: Buffer,
  ) {}

  /**
   * Opens an image file: turned as its camera was held, its transparent parts white.
   *
   * @throws Error for what is no PNG, JPEG or WebP, or too large a one
   */
  static async open(file: string): Promise<Picture> {
    const image = sharp(file, { limitInputPixels: MAX_PIXELS });
    const { format } = await image.metadata();
    if (!FORMATS.includes(format)) throw new Error(`an image of format ${format} is not opened`);
    const { data, info } = await image
      .autoOrient()
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return new Picture(info.width, info.height, data);
  }

  /** A region at another size, as a tensor of shape [1, 3, height, width]. */
  async toTensor(
    region: Region,
    width: number,
    height: number,
    { mean, deviation }: Normalisation,
  ): Promise<Tensor> {
    const data = await sharp(this.pixels, { raw: { width: this.width, height: this.height, channels: 3 } })
      .extract(region)
      .resize(width, height, { fit: 'fill' })
      .raw()
      .toBuffer();
    const size = width * height;
    const planes = new Float32Array(3 * size);
    for (const [channel, channelMean] of mean.entries()) {
      const channelDeviation = deviation[channel] ?? 1;
      // Both networks were trained on what OpenCV reads: blue, green, red.
      const offset = 2 - channel;
      for (let pixel = 0; pixel < size; pixel++) {
        const value = (data[3 * pixel + offset] ?? 0) / 255;
        planes[channel * size + pixel] = (value - channelMean) / channelDeviation;
      }
    }
    return new Tensor('float32', planes, [1, 3, height, width]);
  }
}
