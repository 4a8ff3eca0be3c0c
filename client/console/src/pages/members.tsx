// The processes that share a store.
import { caller } from '../rpc/session';
import { printable } from '../text/printable';
import { Facts, PageTitle, Section } from '../ui/layout';
import { Missing } from './missing';

export function Members() {
  const who = caller.value;
  return (
    <>
      <PageTitle title="Members" />
      <Missing call="ListMembers" instead="All that is known is the process that answers here." />
      <Section title="This process">
        <Facts items={[['Version', printable(who?.serviceVersion ?? '')], ['At', location.host]]} />
      </Section>
    </>
  );
}
