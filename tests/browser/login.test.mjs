// Logging in and out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { Installation } from './support/service.mjs';

const installation = new Installation();
let browser;

before(async () => {
  await installation.startService({ default: { sandbox: 'http://127.0.0.1:9' } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await installation.stop();
});

test('a link of the command line logs in once, and its code stays in no address', async () => {
  const { url } = await installation.ctl('create-login');
  const first = await newPage(browser);
  await first.page.goto(url);
  await first.page.getByRole('heading', { name: 'Overview' }).waitFor();
  assert.doesNotMatch(first.page.url(), /code/);
  await first.page.getByText('admin-person').waitFor();
  const second = await newPage(browser);
  await second.page.goto(url);
  await second.page.getByText('The link did not log you in').waitFor();
  await first.close();
  await second.close();
  assert.deepEqual([...first.faults, ...second.faults], []);
});

test('a wrong token is refused and says so', async () => {
  const { page, faults, close } = await newPage(browser);
  await page.goto(installation.base);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Overview' }).count(), 0);
  await close();
  assert.deepEqual(faults, []);
});

test('the session is a cookie that scripts cannot read; logging out ends it', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation, 'operator');
  assert.equal(await page.evaluate(() => document.cookie), '');
  const cookie = (await page.context().cookies()).find(({ name }) => /logexport/.test(name));
  assert.ok(cookie.httpOnly);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })).then((text) => /token-of/.test(text)), false);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out').waitFor();
  // The cookie is worth nothing any more, also for who has copied it.
  await page.context().addCookies([cookie]);
  await page.reload();
  await page.getByLabel('Token').waitFor();
  await close();
  assert.deepEqual(faults, []);
});

test('a page that is opened while the service cannot answer goes on by itself once it can', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  // As while it is starting: the page itself is there, and no call is answered.
  await page.route('**/logexport.v1.LogExportService/*', (route) => route.abort('connectionrefused'));
  await page.reload();
  await page.getByText('This page goes on trying').waitFor();
  await page.unroute('**/logexport.v1.LogExportService/*');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await close();
  assert.deepEqual(faults, []);
});

test('a session that ends while a page is open leads to the login and back to the page', async () => {
  const { page, faults, close } = await newPage(browser);
  await logIn(page, installation);
  await visit(page, installation, '/exporters/default/versions');
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByText('Your session has ended').waitFor();
  await page.getByLabel('Token').fill(installation.token('admin'));
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
  await close();
  assert.deepEqual(faults, []);
});
