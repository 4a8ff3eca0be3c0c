// What an export at full speed costs more while a browser follows it: node watched.mjs [LOGS PAIRS]. The CPU
// time of the service's process, by pairs of exports, with the page of the run open and with no page. Fails
// where the median of the pairs is above 3 %.
import { readFileSync } from 'node:fs';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { Installation } from './support/service.mjs';

const [logs, pairs] = [200_000, 9].map((usual, n) => Number(process.argv[2 + n] ?? usual));
const MOST = 1.03;

// User and system time, in ticks of the kernel.
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const [browser, installation] = await Promise.all([launch(), (async () => {
  const all = new Installation();
  await all.startService({ default: { sandbox: await all.startSandbox('--generate', String(logs)) } });
  return all;
})()]);
let failed = true;
try {
  const { page, faults } = await newPage(browser);
  await logIn(page, installation);
  const exported = async (watched) => {
    await installation.ctl('set-checkpoint', '--earliest');
    await visit(page, installation, '/exporters/default');
    if (!watched) await page.goto('about:blank');
    const before = cpu(installation.pid);
    const report = await installation.run('default');
    const spent = cpu(installation.pid) - before;
    if (Number(report.ledger.accepted) !== logs) throw new Error(`of ${logs} logs ${report.ledger.accepted} were exported`);
    return spent;
  };
  await exported(false);
  const ratios = [];
  for (let n = 0; n < pairs; ++n) {
    // By turns, so that what grows in the meantime falls on both.
    const first = await exported(n % 2 === 0);
    const second = await exported(n % 2 === 1);
    const [watched, alone] = n % 2 === 0 ? [first, second] : [second, first];
    ratios.push(watched / alone);
    console.log(`watched ${watched}, alone ${alone} ticks: ${(watched / alone).toFixed(3)}`);
  }
  const median = ratios.sort((a, b) => a - b)[Math.floor(pairs / 2)];
  failed = median > MOST || faults.length > 0;
  console.log(`${median > MOST ? 'TOO MUCH' : 'ok'}: ${median.toFixed(3)} times the CPU time, median of ${pairs} pairs of ${logs} logs`);
  for (const fault of faults) console.error(fault);
} finally {
  await browser.close();
  await installation.stop();
}
process.exit(failed ? 1 : 0);
