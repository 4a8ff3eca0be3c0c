// Deleting an exporter, which takes its reports and dead letters along.
import { useState } from 'preact/hooks';
import { api, within } from '../rpc/client';
import { go } from '../router';
import { printable } from '../text/printable';
import { CheckField } from '../ui/fields';
import { ActionDialog } from '../ui/dialog';

export function DeleteExporterDialog({ exporter, onClose }: { exporter: string; onClose: (done: boolean) => void }) {
  const [force, setForce] = useState(false);
  return (
    <ActionDialog title={`Delete ${printable(exporter)}`} confirm="Delete" danger typed={exporter} onClose={onClose}
      perform={async (doing) => {
        await api.deleteExporter({ exporter, force, ...doing }, within());
        go([]);
        return `${printable(exporter)} is deleted.`;
      }}>
      <p>Its configuration, checkpoint, reports and dead letters are gone for good. What it has exported stays at Segment.</p>
      <CheckField label="Although dead letters or a run are left" value={force} onInput={setForce} />
    </ActionDialog>
  );
}
