// Redriving and purging dead letters: some of them, or all that match.
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { api, within } from '../rpc/client';
import { useCall } from '../live/use_call';
import { go } from '../router';
import { counted } from '../text/words';
import { ActionDialog } from '../ui/dialog';
import { FailureNotice } from '../ui/failure_notice';

// Which ones.
export interface Letters {
  logIds?: string[];
  reasons?: string[];
  types?: string[];
  until?: Timestamp | undefined;
  all?: boolean;
  // How many that were when it was asked.
  number: bigint;
}

interface Props {
  exporter: string;
  letters: Letters;
  onClose: (done: boolean) => void;
}

export function RedriveDialog({ exporter, letters, onClose }: Props) {
  const { logIds = [], reasons = [], types = [], all = false } = letters;
  return (
    <ActionDialog title={`Redrive ${counted(letters.number, 'dead letter')}`} confirm="Redrive" onClose={onClose}
      perform={async (doing) => {
        const { run, matched } = await api.redriveDeadLetters({ exporter, logIds, reasons, types, all, ...doing }, within());
        if (run) go(['exporters', exporter, 'runs', run.runId]);
        return `A run tries ${counted(matched, 'dead letter')} again.`;
      }}>
      <p>They are mapped anew with today's configuration and sent again. Those accepted or filtered out now are removed; the others stay with their new reason.</p>
    </ActionDialog>
  );
}

export function PurgeDialog({ exporter, letters, onClose }: Props) {
  const { logIds = [], reasons = [], all = false, until } = letters;
  const request = { exporter, logIds, reasons, all, ...(until ? { until } : {}) };
  const counting = useCall('count', (options) => api.purgeDeadLetters({ ...request, validateOnly: true }, options));
  const number = counting.data?.purged;
  return (
    <ActionDialog title="Purge dead letters" confirm="Purge for good" danger typed={exporter} onClose={onClose}
      perform={async (doing) => {
        const { purged } = await api.purgeDeadLetters({ ...request, ...doing }, within());
        return `${counted(purged, 'dead letter')} ${purged === 1n ? 'is' : 'are'} gone for good.`;
      }}>
      <FailureNotice failure={counting.failure} doing="They could not be counted" />
      <p>{number === undefined ? 'Counting…' : <><strong>{counted(number, 'dead letter')}</strong> would be deleted. The logs are not exported, and nothing here brings them back.</>}</p>
    </ActionDialog>
  );
}
