// The processes that share a store: how each one is doing, and for how many exporters it works.
import type { Member } from '../../gen/logexport/v1/member_pb';
import { useCall } from '../live/use_call';
import { api } from '../rpc/client';
import { now } from '../live/now';
import { printable } from '../text/printable';
import { dateOf } from '../text/times';
import { count } from '../text/words';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { PageTitle, Table } from '../ui/layout';
import { Badge } from '../ui/state';
import { Time } from '../ui/time';

const EVERY_MS = 5_000;

function MemberBadge({ member }: { member: Member }) {
  if (member.expires && dateOf(member.expires).getTime() < now.value) {
    return <Badge tone="bad" word="not heard of" about="It is dead or cut off from the database. The others take over what it owns." />;
  }
  if (member.draining) return <Badge tone="calm" word="draining" about="It is about to end, and takes no exporters any more." />;
  return <Badge tone="good" word="at work" />;
}

export function Members() {
  const reading = useCall('', (options) => api.listMembers({}, options), EVERY_MS);
  if (!reading.data) return <><PageTitle title="Members" /><Waiting failure={reading.failure} doing="The members could not be read" /></>;
  const { members } = reading.data;
  const alone = members.length === 1 && members[0]?.memberId === '';
  return (
    <>
      <PageTitle title="Members" />
      <FailureNotice failure={reading.failure} doing="The members could not be read again" />
      <Table caption="Processes that work on this store" rows={members} rowKey={(member) => `${member.name} ${member.memberId}`} columns={[
        { title: 'Member', wide: true, cell: ({ name, answering }) => <>{printable(name)}{answering && <> <span class="small">answers this page</span></>}</> },
        { title: 'State', cell: (member) => <MemberBadge member={member} /> },
        { title: 'Exporters', number: true, cell: ({ owned }) => count(owned) },
        { title: 'Version', cell: ({ version }) => printable(version) },
        { title: 'Since', cell: ({ since }) => <Time at={since} /> },
        !alone && { title: 'Trusted until', cell: ({ expires }) => <Time at={expires} as="distance" /> },
      ]} />
      {alone && <p>The state is a file, so there is one process. On PostgreSQL several share the exporters, and one takes over from another.</p>}
    </>
  );
}
