// The versions of a configuration, what each changed, and the way back.
import { useState } from 'preact/hooks';
import type { ConfigVersion } from '../../gen/logexport/v1/configuration_pb';
import { api, within } from '../rpc/client';
import { useCall } from '../live/use_call';
import { places, route } from '../router';
import { printable } from '../text/printable';
import { count } from '../text/words';
import { ActionButton } from '../ui/action';
import { ActionDialog } from '../ui/dialog';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { PageTitle, Table } from '../ui/layout';
import { Pager } from '../ui/pager';
import { Text } from '../ui/text';
import { Time } from '../ui/time';

function Changes({ version }: { version: ConfigVersion }) {
  if (version.changes.length === 0) return <span class="small">{version.version === 1n ? 'as created' : version.changedFields.map(printable).join(', ')}</span>;
  return (
    <ul class="plain">
      {version.changes.map(({ field, oldValue, newValue }) => (
        <li key={field}><code>{printable(field)}</code> <del><Text value={oldValue || 'default'} length={80} /></del> → <ins><Text value={newValue || 'default'} length={80} /></ins></li>
      ))}
    </ul>
  );
}

function RollbackDialog({ exporter, version, onClose }: { exporter: string; version: bigint; onClose: (done: boolean) => void }) {
  const preview = useCall(`${exporter} ${version}`, (options) => api.rollbackConfig({ exporter, version, validateOnly: true }, options));
  return (
    <ActionDialog title={`Return to version ${count(version)}`} confirm="Return to it" onClose={onClose}
      perform={async (doing) => {
        const answer = await api.rollbackConfig({ exporter, version, ...doing }, within());
        return `The settings of version ${count(version)} are version ${count(answer.version)} now.`;
      }}>
      <p>It becomes a new version, with the secrets that it had.</p>
      <FailureNotice failure={preview.failure} doing="It would be refused" />
      {preview.data && <p>{preview.data.changedFields.length === 0 ? 'Nothing would change.' : <>Would change: {preview.data.changedFields.map((field) => <code key={field}>{printable(field)} </code>)}</>}</p>}
    </ActionDialog>
  );
}

export function Versions({ exporter }: { exporter: string }) {
  const page = route.value.query.get('page') ?? '';
  const reading = useCall(`${exporter} ${page}`, (options) => api.listConfigVersions({ exporter, pageToken: page }, options));
  const [back, setBack] = useState<bigint>();
  const list = reading.data;
  const newest = page === '' ? list?.versions[0]?.version : undefined;
  return (
    <>
      <PageTitle title="Versions of the configuration" about={printable(exporter)}><a class="button" href={places.configuration(exporter)}>Change settings</a></PageTitle>
      {!list ? <Waiting failure={reading.failure} doing="The versions could not be read" /> : (
        <>
          <FailureNotice failure={reading.failure} doing="The versions could not be read again" />
          <Table caption="Versions, newest first" rows={list.versions} rowKey={(version) => String(version.version)} columns={[
            { title: 'Version', number: true, cell: (version) => <>{count(version.version)}{version.version === newest && <span class="small"> now</span>}</> },
            { title: 'Stored', cell: (version) => <Time at={version.updateTime} /> },
            { title: 'By', cell: (version) => <Text value={version.updatedBy?.name ?? ''} length={60} /> },
            { title: 'What it changed', wide: true, cell: (version) => <Changes version={version} /> },
            { title: 'Reason', cell: (version) => <>{Boolean(version.rollbackOf) && <>back to {count(version.rollbackOf ?? 0n)}. </>}<Text value={version.reason} length={100} /></> },
            { title: 'Return', cell: (version) => <ActionButton method="RollbackConfig" label="Return to it" because={version.version === newest ? 'This is the current one.' : ''} onClick={() => setBack(version.version)} /> },
          ]} />
          <Pager nextToken={list.nextPageToken} shown={list.versions.length} />
        </>
      )}
      {back !== undefined && <RollbackDialog exporter={exporter} version={back} onClose={() => {
        setBack(undefined);
        reading.refresh();
      }} />}
    </>
  );
}
