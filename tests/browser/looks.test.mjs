// How every page looks and reads: at three widths, dark and light, for screen readers and by keyboard alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { pagesOf, populated } from './support/pages.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let installation;
let browser;
let pages;

before(async () => {
  let run;
  [browser, { installation, run }] = await Promise.all([launch(), populated()]);
  pages = pagesOf(run);
});
after(async () => {
  await browser?.close();
  await installation?.stop();
});

async function violations(page) {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document));
  return found.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
}

for (const width of [1440, 768, 390]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`no page at ${width} pixels, ${colorScheme}, breaks a rule of accessibility or is wider than the screen`, async () => {
      const { page, faults, close } = await newPage(browser, { viewport: { width, height: 900 }, colorScheme });
      await page.goto(installation.base);
      await page.getByLabel('Token').waitFor();
      assert.deepEqual(await violations(page), [], 'login');
      await logIn(page, installation);
      for (const [name, path] of Object.entries(pages)) {
        await visit(page, installation, path);
        assert.deepEqual(await violations(page), [], `${name} at ${width}, ${colorScheme}`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wider <= 0, `${name} is ${wider} pixels wider than the screen`);
      }
      await close();
      assert.deepEqual(faults, []);
    });
  }
}

test('a dialog breaks no rule of accessibility', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  await visit(page, installation, '/exporters/default');
  for (const name of ['Run now', 'Pause', 'Test notification', 'Delete']) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await violations(page), [], name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await close();
  assert.deepEqual(faults, []);
});

// Tabs until the wanted element has the focus.
async function tabTo(page, locator) {
  for (let i = 0; i < 80; ++i) {
    if (await locator.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the keyboard does not reach ${locator}`);
}

test('by keyboard alone: log in, open an exporter, pause it with a reason, resume it', async () => {
  const { page, faults, close } = await newPage(browser);
  await page.goto(installation.base);
  await page.getByLabel('Token').waitFor();
  await tabTo(page, page.getByLabel('Token'));
  await page.keyboard.type(installation.token('admin'));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  const exporter = page.getByRole('link', { name: 'default', exact: true });
  await exporter.waitFor();
  await tabTo(page, exporter);
  await page.keyboard.press('Enter');
  for (const [action, done] of [['Pause', 'EXPORTER_STATE_PAUSED'], ['Resume', 'EXPORTER_STATE_IDLE']]) {
    const button = page.getByRole('button', { name: action, exact: true });
    await button.waitFor();
    await tabTo(page, button);
    // The focus is to be seen.
    assert.notEqual(await button.evaluate((element) => getComputedStyle(element).outlineStyle), 'none');
    await page.keyboard.press('Enter');
    const reason = page.getByRole('dialog').getByLabel('Reason');
    await reason.waitFor();
    await tabTo(page, reason);
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await installation.ctl('get-status')).state, done);
  }
  await close();
  assert.deepEqual(faults, []);
});

test('times are local, with UTC on hover', async () => {
  const { page, faults, close } = await newPage(browser, { timezoneId: 'Asia/Kolkata' });
  await logIn(page, installation);
  await visit(page, installation, '/exporters/default/runs');
  const time = page.locator('td time').first();
  const [utc, shown, title] = await time.evaluate((element) => [element.dateTime, element.textContent, element.title]);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(utc));
  assert.ok(shown.endsWith(clock), `${shown} is not ${clock}`);
  assert.ok(title.startsWith(utc.replace('T', ' ').replace(/(\.000)?Z$/, '')) && title.includes('UTC'), title);
  await close();
  assert.deepEqual(faults, []);
});

test('the first view takes ten requests at most, none of them elsewhere', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.reload();
  await page.getByRole('row').nth(1).waitFor();
  assert.ok(requests.length <= 10, requests.join('\n'));
  await close();
  assert.deepEqual(faults, []);
});
