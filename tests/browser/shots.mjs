// Pictures of every page, to be looked at: node shots.mjs FOLDER. Uses the real service, the sandbox, and no made-up data.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, logIn, newPage, visit } from './support/browser.mjs';
import { pagesOf, populated } from './support/pages.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node shots.mjs FOLDER');
mkdirSync(folder, { recursive: true });

const [browser, { installation, run }] = await Promise.all([launch(), populated()]);
try {
  for (const [width, colorScheme] of [[1440, 'light'], [1440, 'dark'], [768, 'light'], [390, 'light'], [390, 'dark']]) {
    const { page, faults, close } = await newPage(browser, { viewport: { width, height: 900 }, colorScheme });
    await page.goto(installation.base);
    await page.getByLabel('Token').waitFor();
    await page.screenshot({ path: join(folder, `login-${width}-${colorScheme}.png`) });
    await logIn(page, installation);
    for (const [name, path] of Object.entries(pagesOf(run))) {
      await visit(page, installation, path);
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    for (const fault of faults) console.error(`${width} ${colorScheme}: ${fault}`);
    await close();
  }
  console.log(`The pictures are in ${folder}`);
} finally {
  await browser.close();
  await installation.stop();
}
