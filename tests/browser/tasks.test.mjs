// What people do with the page, each of it against the real service, and seen from outside the page, too.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { Installation } from './support/service.mjs';

const installation = new Installation();
let browser;
let session;
let page;

before(async () => {
  browser = await launch();
  // Some of these logs make events that are too large for this Segment, so there are dead letters.
  const sandbox = await installation.startSandbox('--generate', '3000', '--odd-rate', '0.02', '--max-event-bytes', '3200');
  await installation.startService({ default: { sandbox }, other: { sandbox, auth0: { client_secret: 'wrong' } }, slow: { sandbox, segment: { max_events_per_second: 60 } } });
});
after(async () => {
  await browser?.close();
  await installation.stop();
});
beforeEach(async () => {
  session = await newPage(browser);
  page = session.page;
  await logIn(page, installation);
});
afterEach(async () => {
  await session.close();
  assert.deepEqual(session.faults, []);
});

const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const told = (text) => page.getByRole('status').filter({ hasText: text }).waitFor();

test('a run is started, followed to its end, and adds up', async () => {
  await visit(page, installation, '/exporters/default');
  await button('Run now').click();
  await dialog().getByLabel('Reason').fill('first export');
  await dialog().getByRole('button', { name: 'Run now' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  await page.getByText('How it was started and ended').waitFor();
  const runId = page.url().split('/').pop();
  const { report } = await installation.ctl('get-report', runId);
  assert.equal(report.state, 'RUN_STATE_SUCCEEDED');
  assert.equal(report.reason, 'first export');
  assert.equal(report.requester.name, 'admin-person');
  const shown = await page.locator('.ledger dd').allInnerTexts();
  const numbers = shown.map((text) => Number(text.replaceAll(',', '')));
  assert.equal(numbers[0], numbers.slice(1).reduce((sum, number) => sum + number, 0));
  assert.equal(numbers[0], Number(report.ledger.fetched));
  assert.ok(numbers[0] >= 3000);
});

test('an exporter is paused with a reason, and resumed', async () => {
  await visit(page, installation, '/exporters/default');
  await button('Pause').click();
  await dialog().getByLabel('Reason').fill('warehouse maintenance');
  await dialog().getByRole('button', { name: 'Pause' }).click();
  await told('It is paused');
  await page.getByText('warehouse maintenance').first().waitFor();
  const { pause, state } = await installation.ctl('get-status');
  assert.equal(state, 'EXPORTER_STATE_PAUSED');
  assert.equal(pause.reason, 'warehouse maintenance');
  await button('Resume').click();
  await dialog().getByRole('button', { name: 'Resume' }).click();
  await told('It runs by its schedule again');
  assert.equal((await installation.ctl('get-status')).state, 'EXPORTER_STATE_IDLE');
});

test('the failed run of an exporter says what to do, and is replayed from in two clicks and a confirmation', async () => {
  const failed = await installation.run('other');
  assert.equal(failed.state, 'RUN_STATE_FAILED');
  await visit(page, installation, '/');
  const row = page.getByRole('row').filter({ hasText: 'other' });
  await row.getByText('failing').first().waitFor();
  await row.getByRole('link', { name: '1', exact: true }).click();
  await page.getByRole('link', { name: failed.runId.slice(0, 13) }).click();
  await page.getByText('AUTH0_CREDENTIALS_REJECTED').waitFor();
  await page.getByText('To do:').waitFor();
  await page.getByRole('link', { name: 'Replay from its start' }).click();
  await page.getByText('Checkpoint then').waitFor();
  await button('Replay').click();
  await dialog().getByRole('button', { name: 'Replay' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const { report } = await installation.ctl('get-report', '--exporter', 'other');
  assert.equal(report.trigger, 'TRIGGER_REPLAY');
});

test('what a replay would do is shown before, and the checkpoint of a run brings its logs again', async () => {
  const first = (await installation.ctl('get-reports', '--min-logs', '1')).reports.at(-1);
  await visit(page, installation, `/exporters/default/runs/${first.runId}`);
  await page.getByRole('link', { name: 'Replay from its start' }).click();
  await page.getByText(/logs\s+would be read again/).waitFor();
  await button('Replay').click();
  await dialog().getByLabel('Reason').fill('warehouse lost a day');
  await dialog().getByRole('button', { name: 'Replay' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  await page.getByText('How it was started and ended').waitFor();
  const { report } = await installation.ctl('get-report');
  assert.equal(report.trigger, 'TRIGGER_REPLAY');
  assert.ok(Number(report.ledger.fetched) >= Number(first.ledger.fetched));
  const { changes } = await installation.ctl('list-checkpoints');
  assert.equal(changes[0].reason, 'warehouse lost a day');
});

test('a move forward asks for the name before it skips logs', async () => {
  await visit(page, installation, '/exporters/slow/replay?to=latest&start=0');
  await page.getByText('Direction').waitFor();
  const skip = page.getByRole('button', { name: /^(Skip these logs|Replay)$/ });
  await skip.click();
  const name = dialog().getByLabel('Type slow to confirm');
  if (await name.count()) {
    await dialog().getByRole('button', { name: 'Skip them' }).press('Enter');
    assert.equal(await dialog().count(), 1, 'it was done without the name');
    await name.fill('slow');
    await dialog().getByRole('button', { name: 'Skip them' }).click();
  } else {
    await dialog().getByRole('button', { name: 'Replay' }).click();
  }
  await told('The checkpoint is moved');
  assert.ok((await installation.ctl('get-status', '--exporter', 'slow')).checkpoint.pending.latest);
  // Back to the beginning for the tests after this one.
  await installation.ctl('set-checkpoint', '--exporter', 'slow', '--earliest');
});

test('a window is exported again without the checkpoint moving', async () => {
  const { checkpoint } = await installation.ctl('get-status');
  await visit(page, installation, '/exporters/default/replay?to=window&at=-6h');
  await page.getByText(/would be read again/).waitFor();
  await button('Export the window again').click();
  await dialog().getByRole('button', { name: 'Export again' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  await page.getByText('Window', { exact: true }).waitFor();
  assert.equal((await installation.ctl('get-status')).checkpoint.logId, checkpoint.logId);
});

test('dead letters: the raw log is shown on demand; all that match are redriven; some are purged', async () => {
  const { totalSize } = await installation.ctl('list-dead-letters');
  assert.ok(Number(totalSize) >= 2, `only ${totalSize} dead letters`);
  await visit(page, installation, '/exporters/default/dead-letters?reasons=SEGMENT_REJECTED');
  await page.getByRole('button', { name: 'Show' }).first().click();
  await dialog().locator('pre').filter({ hasText: '"description"' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });

  await page.getByRole('button', { name: /^Redrive all/ }).click();
  await dialog().getByRole('button', { name: 'Redrive' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  await page.getByText('redrive').first().waitFor();
  // They are as large as before, so they stay.
  await page.getByText('How it was started and ended').waitFor();
  assert.equal((await installation.ctl('list-dead-letters')).totalSize, totalSize);

  await visit(page, installation, '/exporters/default/dead-letters');
  await page.getByRole('checkbox', { name: /^Select/ }).first().check();
  await page.getByRole('button', { name: 'Purge 1 selected' }).click();
  await dialog().getByText('1 dead letter would be deleted').waitFor();
  await dialog().getByLabel('Type default to confirm').fill('default');
  await dialog().getByRole('button', { name: 'Purge for good' }).click();
  await told('1 dead letter is gone for good');
  assert.equal(Number((await installation.ctl('list-dead-letters')).totalSize), Number(totalSize) - 1);
});

test('settings are changed with a look at the difference, refused where they are wrong, and rolled back', async () => {
  const before = await installation.ctl('get-config');
  await visit(page, installation, '/exporters/default/configuration');
  await page.getByLabel('Cron', { exact: true }).fill('not a schedule');
  await button('Check').click();
  await page.locator('.field-error').first().waitFor();
  assert.match(await page.getByLabel('Cron', { exact: true }).evaluate((input) => document.getElementById(`${input.id}-error`)?.textContent ?? ''), /\w/);
  await page.getByLabel('Cron', { exact: true }).fill('@every 3h');
  await page.getByLabel('Batch size').fill('50');
  await page.getByLabel('Types', { exact: true }).fill('s, f');
  await button('Check').click();
  await page.getByText('3 settings would change').waitFor();
  assert.equal((await installation.ctl('get-config')).version, before.version, 'a check stored something');
  await button('Review and store').click();
  await dialog().getByLabel('Reason').fill('less noise');
  await dialog().getByRole('button', { name: 'Store' }).click();
  await told('Stored as version');
  const after = await installation.ctl('get-config');
  assert.equal(after.config.schedule.cron, '@every 3h');
  assert.equal(after.config.auth0.batchSize, 50);
  assert.deepEqual(after.config.filter.types, ['s', 'f']);
  assert.equal(after.reason, 'less noise');
  assert.equal(after.config.auth0.clientSecret, '********');

  await visit(page, installation, '/exporters/default/versions');
  await page.getByRole('row').filter({ hasText: '@every 3h' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'as created' }).getByRole('button', { name: 'Return to it' }).click();
  await dialog().getByText('Would change').waitFor();
  await dialog().getByRole('button', { name: 'Return to it' }).click();
  await told('The settings of version 1');
  const rolledBack = await installation.ctl('get-config');
  assert.equal(rolledBack.config.auth0.batchSize, before.config.auth0.batchSize);
  assert.deepEqual(rolledBack.config.filter?.types ?? [], before.config.filter?.types ?? []);
});

test('a setting returns to its default, and somebody else being faster is noticed', async () => {
  await installation.ctl('update-config', '--auth0.batch-size', '70');
  await visit(page, installation, '/exporters/default/configuration');
  await page.getByRole('button', { name: 'Return auth0.batch_size to its default' }).click();
  await installation.ctl('update-config', '--run.max-logs', '123456');
  await button('Review and store').click();
  await dialog().getByRole('button', { name: 'Store' }).click();
  await dialog().getByText('ETAG_MISMATCH').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await page.getByRole('button', { name: 'Return auth0.batch_size to its default' }).click();
  await button('Review and store').click();
  await dialog().getByRole('button', { name: 'Store' }).click();
  await told('Stored as version');
  const { config } = await installation.ctl('get-config');
  assert.equal(config.auth0.batchSize, 100);
  assert.equal(config.run.maxLogs, '123456');
});

test('the stored settings are tried live, and a notification is tested', async () => {
  await visit(page, installation, '/exporters/default/configuration');
  await button('Try them live').click();
  const probes = page.getByRole('list', { name: 'Live checks' });
  await probes.getByText('auth0.token').waitFor();
  assert.equal(await probes.getByText('failed', { exact: true }).count(), 0);
  await button('Test notification').click();
  await dialog().getByRole('button', { name: 'Send' }).click();
  await told('It was delivered');
});

test('a preview shows the log beside its event, also with settings that are not stored', async () => {
  await installation.ctl('set-checkpoint', '--earliest');
  await visit(page, installation, '/exporters/default/configuration');
  await page.getByLabel('Details', { exact: true }).selectOption({ label: 'omit' });
  await page.getByRole('link', { name: 'Preview with them' }).click();
  const pair = page.getByRole('article').first();
  await pair.getByText('1 event for Segment').waitFor();
  const [log, event] = await pair.locator('pre').allInnerTexts();
  assert.match(log, /"details"/);
  assert.doesNotMatch(event, /"details"/);
  assert.match(event, /"messageId"/);
  await page.getByLabel('With the changes that are not stored').uncheck();
  await page.waitForFunction(() => /"details"/.test(document.querySelectorAll('article pre')[1]?.textContent ?? ''));
});

test('an exporter is created and deleted', async () => {
  await visit(page, installation, '/');
  await page.getByRole('link', { name: 'New exporter' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Bad Name');
  await button('Create').click();
  await page.getByRole('alert').waitFor();
  const { config } = await installation.ctl('get-config');
  await page.getByLabel('Name', { exact: true }).fill('fresh');
  for (const [label, value] of [['Domain', config.auth0.domain], ['Client id', config.auth0.clientId], ['Client secret', 'sandbox-secret'], ['Base URL', config.auth0.baseUrl],
    ['Audience', config.auth0.audience], ['Write key', 'sandboxWriteKey0123456789abcdefg'], ['Endpoint', config.segment.endpoint]]) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await button('Create').click();
  await page.waitForURL(/#\/exporters\/fresh$/);
  await button('Delete').click();
  await dialog().getByLabel('Type fresh to confirm').fill('fresh');
  await dialog().getByRole('button', { name: 'Delete' }).click();
  await told('fresh is deleted');
  const { exporters } = await installation.ctl('list-exporters');
  assert.ok(!exporters.some(({ exporter }) => exporter === 'fresh'));
});

test('filters stand in the address, and the way back keeps them', async () => {
  await visit(page, installation, '/exporters/default/runs');
  await page.getByLabel('State', { exact: true }).selectOption('queued');
  await page.waitForURL(/states=queued/);
  await page.getByText('No run matches').waitFor();
  await page.getByLabel('State', { exact: true }).selectOption('succeeded');
  await page.waitForURL(/states=succeeded/);
  await page.getByRole('row').nth(1).getByRole('link').first().click();
  await page.getByText('By log type').or(page.getByText('no logs')).first().waitFor();
  await page.goBack();
  await page.waitForURL(/states=succeeded/);
  assert.equal(await page.getByLabel('State', { exact: true }).inputValue(), 'succeeded');
});

test('everything that a role forbids is shown and says why', async () => {
  const viewer = await newPage(browser);
  await logIn(viewer.page, installation, 'viewer');
  await visit(viewer.page, installation, '/exporters/default');
  const run = viewer.page.getByRole('button', { name: /^Run now/ });
  assert.equal(await run.getAttribute('aria-disabled'), 'true');
  await run.press('Enter');
  await viewer.page.getByRole('status').filter({ hasText: 'This needs the role operator; you are viewer.' }).waitFor();
  assert.equal(await viewer.page.getByRole('dialog').count(), 0);
  await visit(viewer.page, installation, '/exporters/default/configuration');
  assert.ok(await viewer.page.getByLabel('Cron', { exact: true }).isDisabled());
  await visit(viewer.page, installation, '/exporters/default/preview');
  await viewer.page.getByRole('main').getByText('This needs the role operator').waitFor();
  await viewer.close();
  assert.deepEqual(viewer.faults, []);
});

test('a run is followed by streaming while the service restarts', async () => {
  await installation.ctl('run-now', '--exporter', 'slow');
  await visit(page, installation, '/exporters/slow/runs/newest');
  await page.getByText('live', { exact: true }).waitFor();
  const firstRun = (await installation.ctl('get-report', '--exporter', 'slow')).report.runId;
  await installation.stopService();
  await page.getByText('The service has not answered').waitFor();
  assert.ok(await page.locator('.ledger').count(), 'what was shown is gone');
  await installation.startServiceAgain();
  await page.getByText('The service has not answered').waitFor({ state: 'detached' });
  // The run ended with the service; the page says so by itself.
  await page.getByText('cancelled').or(page.getByText('failed')).first().waitFor();
  assert.equal((await installation.ctl('get-report', firstRun, '--exporter', 'slow')).report.runId, firstRun);
  // Still logged in.
  await visit(page, installation, '/');
  await page.getByRole('row').filter({ hasText: 'slow' }).waitFor();
});

test('all of it is in the audit, which is intact, and on the time line of the exporter', async () => {
  await visit(page, installation, '/audit?methods=PauseExporter');
  const entry = page.getByRole('row').filter({ hasText: 'PauseExporter' }).first();
  await entry.getByText('admin-person').waitFor();
  await entry.getByText('done').waitFor();
  await entry.getByText('warehouse maintenance').waitFor();
  await entry.getByText('console').waitFor();
  await button('Check that it is intact').click();
  await page.getByText('intact', { exact: true }).waitFor();
  await visit(page, installation, '/exporters/default/history');
  for (const kind of ['run', 'checkpoint', 'configuration', 'pause']) await page.getByRole('cell', { name: kind, exact: true }).first().waitFor();
  await page.getByLabel('What', { exact: true }).selectOption('configuration');
  await page.waitForURL(/kinds=configuration/);
  await page.getByRole('link', { name: 'the version' }).first().click();
  await page.getByRole('heading', { name: 'Versions of the configuration' }).waitFor();
});
