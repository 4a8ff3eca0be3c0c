// Logs of somebody who wants to break the page: their texts are shown, never carried out, and the page stays usable.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { Installation } from './support/service.mjs';

const EVIL = [
  '<script>window.broken=1</script>', '<img src=x onerror="window.broken=1">', '"><svg onload=window.broken=1>', 'javascript:window.broken=1',
  '{{constructor.constructor("window.broken=1")()}}', '\u202egnp.exe', 'a\u0000b\u0007c\u001b[31m\u2028d', '\ud800 alone', '&lt;b&gt;',
];
const BIDI = /[\u0000-\u0008\u202a-\u202e\u2066-\u2069\u001b]/;
const installation = new Installation();
let browser;

function log(text, i) {
  const date = new Date(Date.now() - 3_600_000 + i * 1000);
  const id = `900${date.toISOString().replace(/\D/g, '').slice(0, 14)}${String(i).padStart(43, '0')}`;
  return {
    _id: id, log_id: id, date: date.toISOString(), type: i % 3 === 2 ? text.slice(0, 40) : 's', description: text, client_id: 'client', client_name: text,
    user_id: `auth0|${i}`, user_name: text, details: { [text]: text, long: 'y'.repeat(i === 3 ? 1_000_000 : 10) },
  };
}

before(async () => {
  const logs = installation.file('logs.jsonl', EVIL.map((text, i) => `${JSON.stringify(log(text, i))}\n`).join(''));
  // All become dead letters, so that raw logs and reasons are shown on every page that has any; the service gives up
  // after ten of a run, which are no more than there are.
  const sandbox = await installation.startSandbox('--logs', logs, '--domain', 'evil.auth0.test', '--max-event-bytes', '900');
  await installation.startService({ evil: { sandbox, domain: 'evil.auth0.test' } });
  await installation.run('evil', '--reason', EVIL[0] + EVIL[5]);
  await installation.ctl('pause-exporter', '--exporter', 'evil', '--reason', EVIL[1] + EVIL[5]);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await installation.stop();
});

test('hostile texts are only text, on every page', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  const { report } = await installation.ctl('get-report', '--exporter', 'evil');
  const runs = await installation.ctl('get-reports', '--exporter', 'evil');
  assert.ok(runs.reports.length > 0);
  const letters = await installation.ctl('list-dead-letters', '--exporter', 'evil');
  assert.ok(Number(letters.totalSize) > 0, 'there is no dead letter to look at');
  let seen = '';
  for (const path of ['/', '/exporters/evil', '/exporters/evil/runs', `/exporters/evil/runs/${report.runId}`, '/exporters/evil/dead-letters',
    `/exporters/evil/preview?logs=10&after=90020000101000000${'0'.repeat(43)}`, '/exporters/evil/history', '/audit', `/exporters/${encodeURIComponent(EVIL[1])}`,
    `/exporters/evil/runs/${encodeURIComponent(EVIL[0])}`, `/exporters/evil/replay?to=after&at=${encodeURIComponent(EVIL[2])}`]) {
    await visit(page, installation, path);
    const text = await page.locator('body').innerText();
    seen += text;
    assert.equal(await page.evaluate(() => globalThis.broken), undefined, path);
    assert.doesNotMatch(text, BIDI, `${path} shows characters that turn or hide text`);
    // Usable: the navigation is there and leads on.
    assert.ok(await page.getByRole('link', { name: 'Overview' }).isVisible());
  }
  assert.match(seen, /<script>window\.broken=1<\/script>/, 'the texts are not shown at all');
  assert.match(seen, /\\u\{202e\}/);
  for (const { logId } of letters.deadLetters) {
    await visit(page, installation, '/exporters/evil/dead-letters');
    await page.getByRole('row').filter({ has: page.locator(`[title="${logId}"]`) }).getByRole('button', { name: 'Show' }).click();
    await page.getByRole('dialog').locator('pre').waitFor();
    assert.equal(await page.evaluate(() => globalThis.broken), undefined, logId);
  }
  await close();
  assert.deepEqual(faults, []);
});

test('a log of a megabyte is cut on the screen and carried away whole', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  await visit(page, installation, `/exporters/evil/preview?logs=10&after=90020000101000000${'0'.repeat(43)}`);
  const figure = page.locator('figure.json').filter({ hasText: /The first 20 KB of/ }).first();
  await figure.waitFor();
  const shown = await figure.locator('pre').evaluate((element) => element.textContent.length);
  assert.ok(shown < 100_000, `${shown} characters are on the screen`);
  const [download] = await Promise.all([page.waitForEvent('download'), figure.getByRole('button', { name: 'Download' }).click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  assert.ok(whole.length > 1_000_000);
  assert.equal(JSON.parse(whole).details.long.length, 1_000_000);
  await close();
  assert.deepEqual(faults, []);
});
