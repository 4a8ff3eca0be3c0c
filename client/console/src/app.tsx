// The frame around the pages, and which page is shown.
import { useEffect, useState } from 'preact/hooks';
import { connection } from './rpc/client';
import { caller, logOut, phase } from './rpc/session';
import { RoleSchema } from '../gen/logexport/v1/options_pb';
import { places, route } from './router';
import { distance } from './text/times';
import { printable } from './text/printable';
import { commentOf, wordOf } from './text/words';
import { now } from './live/now';
import { Announcer } from './ui/announcer';
import { Empty, PageTitle } from './ui/layout';
import { ExporterFrame } from './pages/exporter_frame';
import { Audit } from './pages/audit';
import { Login } from './pages/login';
import { Members } from './pages/members';
import { NewExporter } from './pages/new_exporter';
import { Overview } from './pages/overview';
import { Theme } from './ui/theme';

function Page() {
  const [room = '', exporter = '', page = '', item = ''] = route.value.path;
  switch (room) {
    case '': return <Overview />;
    case 'members': return <Members />;
    case 'audit': return <Audit />;
    case 'new-exporter': return <NewExporter />;
    // With a key, so that nothing of one exporter is shown as another one's.
    case 'exporters': if (exporter) return <ExporterFrame key={exporter} exporter={exporter} page={page} item={item} />;
  }
  return <><PageTitle title="Not found" /><Empty><p>There is no such page. <a href={places.overview()}>The overview</a> leads to all of them.</p></Empty></>;
}

function ConnectionNotice() {
  const state = connection.value;
  if (state.up) return null;
  return (
    <div class="notice warn connection" role="status">
      The service has not answered since {distance(new Date(state.since), now.value)}. What you see is from before; this page goes on trying.
    </div>
  );
}

function Who() {
  const who = caller.value;
  const [failed, setFailed] = useState(false);
  if (!who) return null;
  return (
    <span class="who">
      <span title={`${who.verified ? 'Proven by a login' : 'As claimed, not proven'}. ${commentOf(RoleSchema, who.role)}`}>
        <bdi>{printable(who.name)}</bdi>{who.verified ? '' : ' (claimed)'} · {wordOf(RoleSchema, who.role)}
      </span>
      <button type="button" class="link" onClick={() => void logOut().catch(() => setFailed(true))}>{failed ? 'Try to log out again' : 'Log out'}</button>
    </span>
  );
}

export function App() {
  const { path } = route.value;
  useEffect(() => window.scrollTo(0, 0), [path.join('/')]);
  if (phase.value !== 'in') return <Login />;
  const at = (room: string): 'page' | undefined => (path[0] ?? '') === room ? 'page' : undefined;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.querySelector<HTMLElement>('main h1')?.focus();
      }}>Skip to the content</a>
      <header class="top">
        <a class="brand" href={places.overview()}><span class="mark" aria-hidden="true" />Auth0 Logs to Segment</a>
        <nav aria-label="Service">
          <a href={places.overview()} aria-current={at('')}>Overview</a>
          <a href={places.members()} aria-current={at('members')}>Members</a>
          <a href={places.audit()} aria-current={at('audit')}>Audit</a>
        </nav>
        <span class="grow" />
        <Theme />
        <Who />
      </header>
      <ConnectionNotice />
      <main id="main"><Page /></main>
      <Announcer />
      <footer>
        <span>logexportd {caller.value?.serviceVersion}</span>
        <a href="licences.txt">Licences</a>
      </footer>
    </>
  );
}
