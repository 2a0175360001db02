import {
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { Load, Postprocess, Predict, Preprocess, Runner } from 'runwright';

export class Applicant {
  @IsString() @MaxLength(100) name!: string;
  @IsEmail() email!: string;
  @IsInt() @Min(0) @Max(150) age!: number;
  @IsNumber() @Min(0) income!: number;
  @IsIn(['owner', 'tenant', 'other']) housing!: string;
  @IsBoolean() employed!: boolean;
  @IsString({ each: true }) tags!: string[];
  @IsOptional() @IsString() comment?: string;
}
export class Decision {
  @IsBoolean() accepted!: boolean;
}

/** No work beside the validation of eight fields. */
@Runner({ name: 'noop' })
export class NoopRunner {
  @Load() load(): true {
    return true;
  }
  @Preprocess({ input: () => Applicant }) take(applicant: Applicant): boolean {
    return applicant.employed;
  }
  @Predict() predict(_model: true, employed: boolean): boolean {
    return employed;
  }
  @Postprocess({ output: () => Decision }) answer(accepted: boolean): Decision {
    return { accepted };
  }
}
