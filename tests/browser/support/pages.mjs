// Every page of the console, with something on it, for the tests of how it looks and for the pictures.
import { Installation } from './service.mjs';

// Exporters in every state: one that works and has dead letters, one that fails, one at work, one paused.
export async function populated() {
  const installation = new Installation();
  const sandbox = await installation.startSandbox('--generate', '4000', '--live-rate', '20', '--odd-rate', '0.02', '--max-event-bytes', '3200', '--rate-limit', '50/16');
  await installation.startService({
    default: { sandbox },
    'acme-eu': { sandbox, auth0: { client_secret: 'wrong' } },
    'at-work': { sandbox, segment: { max_events_per_second: 20 } },
    nightly: { sandbox, schedule: { cron: '0 0 3 * * *', time_zone: 'Europe/Berlin' } },
  });
  await installation.run('default', '--max-logs', '500');
  await installation.run('default', '--max-logs', '1500', '--reason', 'catching up by hand');
  await installation.run('default');
  await installation.run('acme-eu');
  await installation.ctl('run-now', '--exporter', 'at-work');
  await installation.ctl('pause-exporter', '--exporter', 'nightly', '--reason', 'warehouse maintenance');
  await installation.ctl('update-config', '--schedule.cron', '@every 1h', '--filter.min-level', 'warning', '--reason', 'less noise');
  const reports = (await installation.ctl('get-reports')).reports;
  return { installation, run: reports.find(({ ledger }) => Number(ledger.deadLettered) > 0) ?? reports[0] };
}

// Name and address of each page.
export function pagesOf(run) {
  return {
    overview: '/',
    status: '/exporters/default',
    'status-at-work': '/exporters/at-work',
    'status-paused': '/exporters/nightly',
    runs: '/exporters/default/runs',
    run: `/exporters/default/runs/${run.runId}`,
    'run-failed': '/exporters/acme-eu/runs/newest',
    'run-at-work': '/exporters/at-work/runs/newest',
    replay: `/exporters/default/replay?to=run&at=${run.runId}`,
    'dead-letters': '/exporters/default/dead-letters',
    configuration: '/exporters/default/configuration',
    versions: '/exporters/default/versions',
    preview: `/exporters/default/preview?after=${run.checkpointBefore}`,
    history: '/exporters/default/history',
    'new-exporter': '/new-exporter',
    members: '/members',
    audit: '/audit',
    'not-found': '/nowhere',
  };
}
