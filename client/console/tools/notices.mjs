// The licence notices of the packages whose code ends up in the bundle.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// The packages of a bundle, from the inputs that esbuild lists.
function packagesOf(inputs) {
  const names = new Set();
  for (const input of inputs) {
    const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) names.add(match[1]);
  }
  return [...names].sort();
}

// The comment at the top of a source.
function headerOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, '')).join('\n').trim();
}

// Packages that state their licence in package.json and leave the text to their repository.
function licenceText(folder, licence, name, root) {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file) return readFileSync(join(folder, file), 'utf8').trim();
  const apache = readFileSync(join(root, 'tools/apache-2.0.txt'), 'utf8').trim();
  if (licence === 'Apache-2.0') return apache;
  // Its reading of varints is Google's; that source carries the notice.
  if (name === '@bufbuild/protobuf') return `${headerOf(join(folder, 'dist/esm/wire/varint.js'))}\n\n${apache}`;
  throw new Error(`${name} has no licence text, and none is known for '${licence}'`);
}

export function notices(root, inputs) {
  const parts = packagesOf(inputs).map((name) => {
    const folder = join(root, 'node_modules', name);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const text = licenceText(folder, manifest.license ?? '', name, root);
    return `${name} ${manifest.version} (${manifest.license})\n\n${text}\n`;
  });
  const rule = `\n${'-'.repeat(78)}\n\n`;
  return `The console contains code of these packages.\n${rule}${parts.join(rule)}`;
}
