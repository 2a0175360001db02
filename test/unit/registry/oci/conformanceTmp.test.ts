import { describeRegistry } from '../../../registry/describeRegistry';
import * as stages from '../../../registry/ociStage';
const make = (Object.values(stages) as any[]).find((f) => typeof f === 'function');
describeRegistry('oci', () => make(), { features: {}, sequences: 5 });
