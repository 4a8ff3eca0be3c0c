// Builds the console: messages from proto/ into gen/, the page into dist/. Needs node_modules/ (npm ci) and protoc.
//   node build.mjs [--no-check]     --no-check leaves out the type check
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './tools/bundle.mjs';
import { generate } from './tools/generate.mjs';

const root = dirname(fileURLToPath(import.meta.url));

try {
  generate(root, join(root, '../../proto'));
  if (!process.argv.includes('--no-check')) {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', root], { stdio: 'inherit' });
  }
  await bundle(root);
} catch (error) {
  console.error(`console: ${error.message}`);
  process.exit(1);
}
