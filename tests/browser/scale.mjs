// How long pages and calls take where there is much of everything: node scale.mjs [EXPORTERS REPORTS DEAD_LETTERS].
// Fails where a page is not usable within a second, or one call in a hundred takes more than 100 ms.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { pagesOf } from './support/pages.mjs';
import { Installation } from './support/service.mjs';

const [exporters, reports, letters] = [10_000, 1_000_000, 100_000].map((most, n) => Number(process.argv[2 + n] ?? most));
const PAGE_MS = 1_000;
const CALL_MS = 100;
const ROUNDS = 5;

function percentile(times, share) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function filled() {
  const installation = new Installation();
  const sandbox = await installation.startSandbox('--generate', '500', '--odd-rate', '0.05', '--max-event-bytes', '3200');
  const all = { default: { sandbox } };
  for (let n = 1; n < exporters; ++n) all[`tenant-${String(n).padStart(5, '0')}`] = { sandbox };
  await installation.startService(all);
  await installation.run('default', '--max-logs', '300');
  await installation.run('default');
  await installation.stopService();
  console.log('runs and dead letters:', execFileSync('python3', [join(dirname(fileURLToPath(import.meta.url)), 'scale.py'),
    installation.state, String(reports), String(letters)], { encoding: 'utf8' }).trim());
  const begun = performance.now();
  await installation.startServiceAgain();
  console.log(`start: ${Math.round(performance.now() - begun)} ms`);
  return installation;
}

const [browser, installation] = await Promise.all([launch(), filled()]);
let failed = false;
try {
  const run = (await installation.ctl('get-report', '--exporter', 'default')).report;
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  const calls = new Map();
  page.on('requestfinished', async (request) => {
    const method = new URL(request.url()).pathname.split('/').pop();
    if (!request.url().includes('LogExportService') || method === 'WatchRun') return;
    const { requestStart, responseEnd } = request.timing();
    calls.set(method, [...(calls.get(method) ?? []), responseEnd - requestStart]);
  });
  const paths = Object.entries(pagesOf(run)).filter(([, path]) => !/acme-eu|at-work|nightly/.test(path));
  for (const [name, path] of paths) {
    const times = [];
    for (let round = 0; round < ROUNDS; ++round) {
      await visit(page, installation, '/new-exporter');
      const begun = performance.now();
      await visit(page, installation, path);
      times.push(performance.now() - begun);
    }
    const median = percentile(times, 0.5);
    failed ||= median > PAGE_MS;
    console.log(`${median > PAGE_MS ? 'SLOW' : 'ok'} page ${name}: ${times.map(Math.round).join(' ')} ms`);
  }
  const every = [...calls.values()].flat();
  for (const [method, times] of calls) {
    console.log(`call ${method}: ${times.length} times, p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`);
  }
  const p99 = percentile(every, 0.99);
  failed ||= p99 > CALL_MS || every.length === 0;
  console.log(`${p99 > CALL_MS ? 'SLOW' : 'ok'}: ${every.length} calls, p99 ${p99.toFixed(1)} ms`);
  for (const fault of faults) console.error(fault);
  failed ||= faults.length > 0;
  await close();
} finally {
  await browser.close();
  await installation.stop();
}
process.exit(failed ? 1 : 0);
