import { describeRegistry } from '../registry/describeRegistry';
import { localStage } from '../registry/localStage';

describeRegistry('the local folder', localStage);
