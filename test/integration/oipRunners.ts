import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsNumber, IsOptional, IsString, Max, ValidateNested } from 'class-validator';
import type { Tensor } from 'onnxruntime-common';
import { Predict } from '../../src/decorators/Predict';
import { Runner } from '../../src/decorators/Runner';
import { IsTensor } from '../../src/schema/IsTensor';
import type { TensorType } from '../../src/schema/TensorType';
import { Unvalidated } from '../../src/schema/Unvalidated';

/** A tensor in, the same tensor out: `value`, of a free dimension. */
export function echoOf(dtype: TensorType, name: string): new () => object {
  class Value {
    value!: Tensor;
  }
  IsTensor({ dtype, shape: [-1] })(Value.prototype, 'value');
  @Runner({ name })
  class Echo {
    @Predict({ input: Value, output: Value }) predict(_model: unknown, { value }: Value): Value {
      return { value };
    }
  }
  return Echo;
}

class Features {
  @IsTensor({ dtype: 'float32', shape: [4] }) features!: Tensor;
  @IsOptional() @IsInt() scale?: number;
}
class Scores {
  @IsTensor({ dtype: 'float32', shape: [2] }) scores!: Tensor;
  @IsString() label!: string;
  @IsInt() @Max(2) best!: number;
}

/** Sums of halves of four numbers; batched. A row with a first feature of 13 fails, one of 99 breaks the output's rules. */
@Runner({ name: 'scorer' })
export class Scorer {
  @Predict({ input: Features, output: Scores, batch: { maxSize: 8 } })
  predict(_model: unknown, rows: Features[]): (Scores | Error)[] {
    return rows.map(({ features, scale = 1 }) => {
      const [a = 0, b = 0, c = 0, d = 0] = features.data as Float32Array;
      if (a === 13) return new Error('secret 4711');
      const scores = tensorLike(features, Float32Array.of((a + b) * scale, (c + d) * scale), [2]);
      return { scores, label: a + b > c + d ? 'low' : 'high', best: a === 99 ? 99 : a + b > c + d ? 0 : 1 };
    });
  }
}

class Plain {
  @IsNumber() number!: number;
  @IsInt() integer!: number;
  @IsString() text!: string;
  @IsBoolean() flag!: boolean;
  @IsNumber({}, { each: true }) numbers!: number[];
  @IsString({ each: true }) texts!: string[];
}

@Runner({ name: 'plain' })
export class PlainEcho {
  @Predict({ input: Plain, output: Plain }) predict(_model: unknown, plain: Plain): Plain {
    return plain;
  }
}

class Image {
  @IsTensor({ dtype: 'uint8', shape: [2, 3] }) pixels!: Tensor;
}

/** Its shapes are those of the protocol: no dimension counts the items. */
@Runner({ name: 'unbatched', oip: { batch: false } })
export class Unbatched {
  @Predict({ input: Image, output: Image }) predict(_model: unknown, image: Image): Image {
    return image;
  }
}

@Runner({ name: 'bytes' })
export class Bytes {
  @Predict({ input: Uint8Array, output: Uint8Array }) predict(
    _model: unknown,
    bytes: Uint8Array,
  ): Uint8Array {
    return Uint8Array.from(bytes).reverse();
  }
}

/** As many halves as it is told: rows of different lengths are no tensor together. */
@Runner({ name: 'halves' })
export class Halves {
  @Predict({ input: Number, output: Halved() }) predict(_model: unknown, count: number): object {
    return { halves: new Array<number>(count).fill(0.5) };
  }
}

function Halved(): new () => object {
  class Halved {
    @IsNumber({}, { each: true }) halves!: number[];
  }
  return Halved;
}

class Inner {
  @IsNumber() value!: number;
}
class Nested {
  @ValidateNested() @Type(() => Inner) inner!: Inner;
}

@Runner({ name: 'nested' })
export class NestedEcho {
  @Predict({ input: Nested, output: Unvalidated }) predict(_model: unknown, nested: Nested): unknown {
    return nested;
  }
}

class Prompt {
  @IsString() text_input!: string;
  @IsOptional() @IsInt() max_tokens?: number;
}
class Completion {
  @IsString() text_output!: string;
}

@Runner({ name: 'shout' })
export class Shout {
  @Predict({ input: Prompt, output: Completion }) predict(_model: unknown, prompt: Prompt): Completion {
    return { text_output: prompt.text_input.toUpperCase().slice(0, prompt.max_tokens) };
  }
}

/** The words of a text, one by one; `stop` makes it fail. */
@Runner({ name: 'words' })
export class Words {
  @Predict({ input: String, output: String }) async *predict(_model: unknown, text: string) {
    for (const word of text.split(' ')) {
      await Promise.resolve();
      if (word === 'stop') throw new Error('secret 4711');
      yield word;
    }
  }
}

@Runner({ name: 'slow' })
export class Slow {
  @Predict({ input: Number, output: Number }) async predict(_model: unknown, ms: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  }
}

/** A tensor of the same copy of the library. */
function tensorLike(tensor: Tensor, data: Float32Array, dims: number[]): Tensor {
  const TensorClass = tensor.constructor as new (type: string, data: unknown, dims: number[]) => Tensor;
  return new TensorClass('float32', data, dims);
}
