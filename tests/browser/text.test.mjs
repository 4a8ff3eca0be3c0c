// The console's reading and writing of text, as tables.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const console_ = join(dirname(fileURLToPath(import.meta.url)), '../../client/console');
const folder = mkdtempSync(join(tmpdir(), 'console-text-'));
let it;

before(async () => {
  const { build } = createRequire(join(console_, 'package.json'))('esbuild');
  const contents = ['text/durations', 'text/printable', 'text/times', 'text/words', 'form/leaves', 'form/draft', 'form/violations']
    .map((file) => `export * from './src/${file}';`).join('\n');
  await build({
    stdin: { contents: `${contents}\nexport { fromJsonString, toJsonString, create } from '@bufbuild/protobuf';\nexport { ExporterConfigSchema } from './gen/logexport/v1/config_pb';`, resolveDir: console_ },
    bundle: true, format: 'esm', outfile: join(folder, 'text.mjs'), logLevel: 'error',
  });
  it = await import(pathToFileURL(join(folder, 'text.mjs')));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('durations are read as the command line reads them, and written so that they read the same', () => {
  const rows = [['90s', 90, '1m30s'], ['2d', 172_800, '2d'], ['1h30m', 5_400, '1h30m'], ['1d12h', 129_600, '1d12h'], ['0s', 0, '0s'], ['1.5s', 1.5, '1.5s'], ['250ms', 0.25, '0.25s'], [' 2 h ', 7_200, '2h'], ['0', 0, '0s'], ['2w', 1_209_600, '14d']];
  for (const [text, seconds, written] of rows) {
    const duration = it.parseDuration(text);
    assert.equal(it.secondsOf(duration), seconds, text);
    assert.equal(it.durationInput(duration), written, text);
    assert.equal(it.secondsOf(it.parseDuration(written)), seconds, written);
  }
  for (const text of ['', '5', 'h', '5x', '-5s', '1e9s', '9999999999999999d', '2h ago', '30m1h', '5m5m']) assert.equal(it.parseDuration(text), undefined, text);
});

test('durations are shown by their two largest units', () => {
  for (const [seconds, shown] of [[0, '0 s'], [0.25, '250 ms'], [9.94, '9.9 s'], [59, '59 s'], [60, '1 min'], [3_723, '1 h 2 min'], [90_061, '1 d 1 h'], [86_401, '1 d'], [-5, '-5 s']]) {
    assert.equal(it.durationText(seconds), shown);
  }
});

test('times are read as local ones unless they say their zone', () => {
  const at = (text) => it.dateOf(it.parseTime(text)).toISOString();
  assert.equal(at('2026-11-01T12:00:00Z'), '2026-11-01T12:00:00.000Z');
  assert.equal(at('2026-11-01T12:00:00+02:00'), '2026-11-01T10:00:00.000Z');
  assert.equal(at('2026-11-01 12:00'), new Date('2026-11-01T12:00').toISOString());
  assert.equal(at('2026-11-01'), new Date('2026-11-01T00:00').toISOString());
  const back = (Date.now() - it.dateOf(it.parseTime('-2h')).getTime()) / 1000;
  assert.ok(Math.abs(back - 7_200) < 5);
  for (const text of ['', 'yesterday', '2026-13-01', '12:00', '-', '-5', '2026-11-01T25:00Z', '<b>']) assert.equal(it.parseTime(text), undefined, text);
});

test('characters that hide or turn text are shown as what they are', () => {
  assert.equal(it.printable('a\u202eb\u0000c\u001b[31m'), 'a\\u{202e}b\\u{0}c\\u{1b}[31m');
  assert.equal(it.printable('one\ntwo\tthree\u2028four'), 'one two three four');
  assert.equal(it.printableLines('one\ntwo'), 'one\ntwo');
  assert.equal(it.printable('half \ud800 pair'), 'half \ufffd pair');
  assert.equal(it.printable('Müller 日本 🎉 <b>'), 'Müller 日本 🎉 <b>');
  assert.equal(it.shortened('ab🎉cd', 3), 'ab');
  assert.equal(it.shortened('short', 10), 'short');
});

test('JSON is indented and otherwise left as it was', () => {
  assert.equal(it.indentedJson('{"a":[1,2.50,12345678901234567890],"b":{},"c":"x{,}:\\"y"}'),
    '{\n  "a": [\n    1,\n    2.50,\n    12345678901234567890\n  ],\n  "b": {},\n  "c": "x{,}:\\"y"\n}');
  for (const text of ['', '{', '}}}}', '"never ends', 'no json', '[[[[', '{"a":', '\\']) assert.equal(typeof it.indentedJson(text), 'string');
  // What is not white space outside of strings is all there.
  const nested = '['.repeat(5_000) + ']'.repeat(5_000);
  assert.equal(it.indentedJson(nested).replace(/\s/g, ''), nested);
});

test('every setting of the schema is in the form once, and what the form shows reads as what it was', () => {
  const config = it.fromJsonString(it.ExporterConfigSchema, JSON.stringify({
    schedule: { cron: '@every 5m', timeZone: 'Europe/Berlin', jitter: '90s', catchUp: false },
    auth0: { domain: 'a.auth0.com', batchSize: 50, settleDelay: '10s', rateLimitReservePercent: 0 },
    segment: { endpoint: 'EU', mapping: 'EVENT_MAPPING_EXTENSION', gzip: true, maxEventsPerSecond: 1000 },
    filter: { types: ['s', 'f'], minLevel: 'LOG_LEVEL_ERROR' },
    privacy: { rules: [{ path: 'details.request.ip', action: 'PRIVACY_ACTION_HASH' }, { path: 'ip', action: 'PRIVACY_ACTION_DROP' }] },
    run: { maxLogs: '9007199254740993' }, completeness: { ages: ['7200s', '172800s'] },
  }));
  const paths = it.leaves.map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length);
  assert.ok(paths.length > 45 && !paths.includes('start_from'));
  assert.deepEqual(it.leaves.filter(({ secret }) => secret).map(({ path }) => path).sort(), ['auth0.client_secret', 'privacy.hash_key', 'segment.write_key', 'slack.webhook', 'webhook.secret', 'webhook.url']);
  const edits = new Map(it.leaves.filter((leaf) => it.textOf(leaf, it.valueAt(config, leaf)) !== '').map((leaf) => [leaf.path, it.textOf(leaf, it.valueAt(config, leaf))]));
  const change = it.changeOf(edits);
  assert.deepEqual([...change.errors], []);
  const whole = it.toJsonString(it.ExporterConfigSchema, config);
  for (const leaf of it.leaves) {
    if (edits.has(leaf.path)) assert.deepEqual(it.valueAt(change.config, leaf), it.valueAt(config, leaf), leaf.path);
  }
  assert.match(whole, /9007199254740993/);
  assert.equal(edits.get('privacy.rules'), 'details.request.ip hash\nip drop');
  assert.equal(edits.get('completeness.ages'), '2h\n2d');
  assert.equal(edits.get('run.max_logs'), '9007199254740993');
});

test('what cannot be read is said at its place, and a default is a path without a value', () => {
  const { errors, mask, config } = it.changeOf(new Map([['auth0.batch_size', 'many'], ['schedule.jitter', 'soon'], ['privacy.rules', 'ip explode'], ['completeness.ages', '2h\nlater'],
    ['run.max_logs', '1.5'], ['auth0.rate_limit_reserve_percent', '99999999999'], ['schedule.cron', undefined], ['unknown.path', 'x']]));
  assert.deepEqual([...errors.keys()].sort(), ['auth0.batch_size', 'auth0.rate_limit_reserve_percent', 'completeness.ages', 'privacy.rules', 'run.max_logs', 'schedule.jitter']);
  assert.ok(mask.paths.includes('schedule.cron') && !mask.paths.includes('unknown.path'));
  assert.equal(config.schedule.cron, undefined);
  assert.equal(it.toJsonString(it.ExporterConfigSchema, config).includes('cron'), false);
});

test('violations find their setting', () => {
  const failure = { violations: [{ field: 'config.schedule.cron', description: 'is no schedule' }, { field: 'filter.types[1]', description: 'is unknown' }, { field: 'exporter', description: 'is wrong' }] };
  assert.deepEqual(Object.fromEntries(it.violationsByPath(failure)), { 'schedule.cron': 'is no schedule', 'filter.types': 'is unknown' });
});
