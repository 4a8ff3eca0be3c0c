// What can be seen of the console without a browser: how large it is, what it is made of, that its build can be repeated.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, brotliDecompressSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const console_ = join(root, 'client/console');

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

test('the page has no place where text could become markup or a script', () => {
  const sources = filesIn(join(console_, 'src'));
  assert.ok(sources.length > 40);
  for (const file of sources) {
    const text = readFileSync(join(console_, 'src', file), 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|javascript:/, file);
    // A style given as text would need a hole in the policy.
    assert.doesNotMatch(text, /\sstyle=["{]/, file);
    assert.ok(text.split('\n').length < 400, `${file} is too long`);
  }
  const page = readFileSync(join(console_, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /<style|style=|\son\w+=/);
  assert.doesNotMatch(page.replace(/<script type="module" src="[^"]*"><\/script>/, ''), /<script/);
});

test('the lock files say what is installed, and not from where', () => {
  for (const folder of [console_, join(root, 'tests/browser')]) {
    const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    assert.doesNotMatch(lock, /"resolved"|https?:\/\/[^"]*\.tgz/);
    for (const [name, entry] of Object.entries(JSON.parse(lock).packages)) {
      if (name !== '') assert.match(entry.integrity ?? '', /^sha512-/, name);
    }
  }
});

test('what is loaded first is at most 120 KB compressed, and the manifest tells the truth', () => {
  const dist = join(console_, 'dist');
  const { files } = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  let size = 0;
  for (const { path, file, gzip, br, type } of files) {
    const plain = readFileSync(join(dist, file));
    assert.ok(gunzipSync(readFileSync(join(dist, gzip))).equals(plain), file);
    assert.ok(brotliDecompressSync(readFileSync(join(dist, br))).equals(plain), file);
    assert.match(type, /^(text|image)\//);
    if (path === '/' || page.includes(`"${path.slice(1)}"`)) size += readFileSync(join(dist, gzip)).length;
  }
  assert.ok(size > 50 * 1024 && size <= 120 * 1024, `${size} bytes`);
  assert.deepEqual(filesIn(dist).filter((file) => !/\.(gz|br)$/.test(file)), ['manifest.json', ...files.map(({ file }) => file)].sort());
  const notices = readFileSync(join(dist, 'licences.txt'), 'utf8');
  for (const name of ['preact', 'uplot', '@connectrpc/connect-web', '@bufbuild/protobuf', '@preact/signals-core']) assert.ok(notices.includes(`\n${name} `), name);
});

test('one build twice, in another folder, gives the same bytes', () => {
  const copy = mkdtempSync(join(tmpdir(), 'console-build-'));
  try {
    cpSync(join(root, 'proto'), join(copy, 'proto'), { recursive: true });
    cpSync(console_, join(copy, 'client/console'), { recursive: true, filter: (path) => !/\/(node_modules|dist|gen)(\/|$)/.test(path.slice(console_.length)) });
    symlinkSync(join(console_, 'node_modules'), join(copy, 'client/console/node_modules'));
    execFileSync(process.execPath, [join(copy, 'client/console/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
    const [first, second] = [join(console_, 'dist'), join(copy, 'client/console/dist')];
    assert.deepEqual(filesIn(second), filesIn(first));
    for (const file of filesIn(first)) assert.ok(readFileSync(join(second, file)).equals(readFileSync(join(first, file))), `${file} differs`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
