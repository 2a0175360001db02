import { fieldKeywords } from './fieldKeywords';
import { fieldRuleOf } from './fieldRule';
import type { Rule } from './RuleStorage';
import type { JsonSchema } from './JsonSchema';

type Keywords = (constraints: readonly unknown[]) => JsonSchema;

const string = { type: 'string' };
const number = { type: 'number' };
const array = { type: 'array' };
const nothing = { not: {} };

/** What class-validator's rules mean in JSON Schema; every rule in here refuses `undefined`. */
const KEYWORDS: Readonly<Record<string, Keywords>> = {
  isDefined: () => ({}),
  isNotEmpty: () => ({}),
  isBoolean: () => ({ type: 'boolean' }),
  isString: () => string,
  isDate: () => ({ ...string, format: 'date-time' }),
  minDate: () => ({ ...string, format: 'date-time' }),
  maxDate: () => ({ ...string, format: 'date-time' }),
  isObject: () => ({ type: 'object' }),
  isNotEmptyObject: () => ({ type: 'object', minProperties: 1 }),
  isInstance: ([type]) =>
    type === Uint8Array || type === Buffer ? { ...string, contentEncoding: 'base64' } : {},
  isLatitude: () => ({ type: ['number', 'string'], minimum: -90, maximum: 90 }),
  isLongitude: () => ({ type: ['number', 'string'], minimum: -180, maximum: 180 }),

  equals: ([value]) => enumOf([value]),
  isIn: ([values]) => enumOf(asArray(values)),
  // The second constraint holds the enum's values; the first one would add the names of a numeric enum.
  isEnum: ([entity, values]) =>
    enumOf(Array.isArray(values) ? values : Object.values(Object(entity) as object)),

  isNumber: ([options]) => ({ ...number, ...decimals(options) }),
  isInt: () => ({ type: 'integer' }),
  min: ([minimum]) => ({ ...number, minimum }),
  max: ([maximum]) => ({ ...number, maximum }),
  isPositive: () => ({ ...number, exclusiveMinimum: 0 }),
  isNegative: () => ({ ...number, exclusiveMaximum: 0 }),
  // The judge divides by the integer part.
  isDivisibleBy: ([divisor]) => {
    const multipleOf = Math.abs(Number.parseInt(String(divisor), 10));
    return multipleOf > 0 ? { ...number, multipleOf } : nothing;
  },

  isLength: ([minLength, maxLength]) => ({ ...string, ...defined({ minLength, maxLength }) }),
  minLength: ([minLength]) => ({ ...string, minLength }),
  maxLength: ([maxLength]) => ({ ...string, maxLength }),
  matches: ([pattern, flags]) => ({ ...string, ...patternOf(pattern, flags) }),
  contains: ([seed]) => ({ ...string, pattern: escaped(seed) }),
  notContains: ([seed]) => ({ ...string, not: { pattern: escaped(seed) } }),
  isEmail: () => ({ ...string, format: 'email' }),
  isUuid: () => ({ ...string, format: 'uuid' }),
  isFqdn: () => ({ ...string, format: 'hostname' }),
  isIso8601: () => ({ ...string, format: 'date-time' }),
  isDateString: () => ({ ...string, format: 'date-time' }),
  isRFC3339: () => ({ ...string, format: 'date-time' }),
  isBase64: () => ({ ...string, contentEncoding: 'base64' }),
  isJson: () => ({ ...string, contentMediaType: 'application/json' }),
  // Without a protocol `example.com` passes, which is a reference and not a URI.
  isUrl: ([options]) => ({
    ...string,
    format: optionOf(options, 'require_protocol') === true ? 'uri' : 'uri-reference',
  }),
  isIp: ([version]) => {
    const format = { 4: 'ipv4', 6: 'ipv6' }[String(version)];
    return format === undefined ? string : { ...string, format };
  },

  isArray: () => array,
  arrayNotEmpty: () => ({ ...array, minItems: 1 }),
  arrayMinSize: ([minItems]) => ({ ...array, minItems }),
  arrayMaxSize: ([maxItems]) => ({ ...array, maxItems }),
  arrayUnique: () => ({ ...array, uniqueItems: true }),
  arrayContains: ([values]) => ({
    ...array,
    allOf: asArray(values).map((value) => ({ contains: enumOf([value]) })),
  }),
  arrayNotContains: ([values]) => ({ ...array, not: { contains: enumOf(asArray(values)) } }),
};

/** Rules that take strings and nothing else; JSON Schema has no word for what more they ask. */
const STRING_RULES: ReadonlySet<string> = new Set(
  (
    'IsFirebasePushId isAlpha isAlphanumeric isAscii isBIC isBase32 isBase58 isBooleanString isBtcAddress ' +
    'isByteLength isCreditCard isCurrency isDataURI isDecimal isEAN isEthereumAddress isFullWidth isHSL isHalfWidth ' +
    'isHash isHexColor isHexadecimal isIBAN isISO31661Alpha2 isISO31661Alpha3 isISO31661Numeric ' +
    'isISO4217CurrencyCode isISO6391 isISRC isISSN isIdentityCard isIsbn isIsin isJwt isLatLong isLocale ' +
    'isLowercase isMacAddress isMagnetURI isMilitaryTime isMimeType isMobilePhone isMongoId isMultibyte ' +
    'isNumberString isOctal isPassportNumber isPhoneNumber isPort isPostalCode isRgbColor isSemVer ' +
    'isStrongPassword isSurrogatePair isTaxId isTimeZone isUppercase isVariableWidth'
  ).split(' '),
);

/** Rules that `undefined` satisfies. */
const LENIENT_KEYWORDS: Readonly<Record<string, Keywords>> = {
  isEmpty: () => ({ enum: ['', null] }),
  isNotIn: ([values]) => ({ not: enumOf(asArray(values)) }),
  notEquals: ([value]) => ({ not: enumOf([value]) }),
};

/** The keywords of one rule; `undefined` for a rule that class-validator does not bring along. */
export function ruleKeywords(rule: Rule): { keywords: JsonSchema; refusesUndefined: boolean } | undefined {
  const field = fieldRuleOf(rule.context);
  if (field !== undefined) return { keywords: fieldKeywords(field), refusesUndefined: true };
  const name = rule.name ?? '';
  const constraints = (rule.constraints as readonly unknown[] | undefined) ?? [];
  if (STRING_RULES.has(name)) return { keywords: string, refusesUndefined: true };
  const strict = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
  if (strict !== undefined) {
    const refusesUndefined = !(name === 'equals' && constraints[0] === undefined);
    return { keywords: strict(constraints), refusesUndefined };
  }
  const lenient = Object.hasOwn(LENIENT_KEYWORDS, name) ? LENIENT_KEYWORDS[name] : undefined;
  return lenient && { keywords: lenient(constraints), refusesUndefined: false };
}

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The judge compares by identity: what came out of JSON is never the same object. */
function enumOf(values: readonly unknown[]): JsonSchema {
  const possible = values.filter(
    (value) => value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value),
  );
  return possible.length === 0 ? nothing : { enum: [...new Set(possible)] };
}

function defined(keywords: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined));
}

function optionOf(options: unknown, name: string): unknown {
  return typeof options === 'object' && options !== null
    ? (options as Record<string, unknown>)[name]
    : undefined;
}

function decimals(options: unknown): JsonSchema {
  const places = optionOf(options, 'maxDecimalPlaces');
  return typeof places === 'number' && places >= 0 && places <= 20
    ? { multipleOf: Number(`1e-${places}`) }
    : {};
}

/** JSON Schema has no flags, and reads every pattern with `u`. */
function patternOf(pattern: unknown, modifiers: unknown): JsonSchema {
  const source = pattern instanceof RegExp ? pattern.source : String(pattern);
  const flags = pattern instanceof RegExp ? pattern.flags : typeof modifiers === 'string' ? modifiers : '';
  if (/[^dgu]/.test(flags)) return {};
  try {
    new RegExp(source, 'u');
    return { pattern: source };
  } catch {
    return {};
  }
}

function escaped(text: unknown): string {
  return String(text).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
