type ClassValidator = typeof import('class-validator');

/** What the engine calls of class-validator. */
type Engine = Pick<ClassValidator, 'Validator' | 'ValidationTypes' | 'getMetadataStorage'>;

/**
 * The engine without the rules: class-validator's index loads every rule that there is, phone numbers of all countries
 * included, which takes longer than everything else that a small program loads. An installation of another shape gives
 * the index.
 */
function loadEngine(): Engine {
  try {
    return {
      ...(require('class-validator/cjs/validation/Validator') as Pick<Engine, 'Validator'>),
      ...(require('class-validator/cjs/validation/ValidationTypes') as Pick<Engine, 'ValidationTypes'>),
      ...(require('class-validator/cjs/metadata/MetadataStorage') as Pick<Engine, 'getMetadataStorage'>),
    };
  } catch {
    return require('class-validator') as Engine;
  }
}

export const { Validator, ValidationTypes, getMetadataStorage } = loadEngine();
