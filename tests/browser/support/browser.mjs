// Debian's Chromium, and a page that is logged in, of which everything is noted that must not happen.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

export async function launch() {
  if (!CHROMIUM) throw new Error("Debian's chromium is missing; ./dev test installs it");
  // As root, Chromium's own sandbox cannot be set up.
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: CHROMIUM, args: flags });
}

// Statuses of calls that a test makes fail on purpose are no faults of the page, but Chromium writes them to the console.
const EXPECTED = /^Failed to load resource: (the server responded with a status of (400|401|403|404|409|429|501|503)|net::ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|CONNECTION_RESET))/;

export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text())) faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== '127.0.0.1' && !['blob:', 'data:'].includes(protocol)) faults.push(`a request to ${hostname}`);
  });
  // Violations of the policy reach the page as events, before they are written anywhere.
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return { page, faults, close: () => context.close() };
}

export async function logIn(page, installation, role = 'admin') {
  await page.goto(installation.base);
  await page.getByLabel('Token').fill(installation.token(role));
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

export async function visit(page, installation, path) {
  await page.goto(`${installation.base}#${path}`);
  // What is loading says so; a page is there when nothing does any more.
  await page.locator('main h1').first().waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'detached' });
}
