import { adapterAvailability, titleOf } from '../../../test/support/adapters.ts';
import { describeSeriesStore } from './conformance.ts';
import { startInfluxSubject } from './influx-subject.ts';

const influx = await adapterAvailability('influx');
const title = titleOf('InfluxSeriesStore', influx);

describeSeriesStore(
  title,
  () => {
    if (!influx.available) throw new Error(influx.reason);
    return startInfluxSubject(influx.settings);
  },
  { skip: !influx.available },
);
