// Makes the calls of connect_test.sh: usage: connect.mjs URL TOKEN PREFIX. Its messages are in gen/ beside it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { toJson } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { BadRequestSchema, ErrorInfoSchema } from './gen/google/rpc/error_details_pb.js';
import { RunState } from './gen/logexport/v1/report_pb.js';
import { WatchPhase } from './gen/logexport/v1/run_pb.js';
import { LogExportService } from './gen/logexport/v1/service_pb.js';

const [baseUrl, token, prefix] = process.argv.slice(2);

function clientWith(useBinaryFormat, authorization = `Bearer ${token}`) {
  const withToken = (next) => (request) => {
    if (authorization) request.header.set('authorization', authorization);
    return next(request);
  };
  const transport = createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat, interceptors: [withToken] });
  return createClient(LogExportService, transport);
}

async function refusal(call) {
  const error = await call.then(() => undefined, (reason) => ConnectError.from(reason));
  assert.ok(error, 'the call was not refused');
  return error;
}

async function follow(client, runId) {
  let previous = 0n;
  for await (const update of client.watchRun({ runId })) {
    assert.ok(update.sequence >= previous, 'sequences never go back');
    previous = update.sequence;
    if (update.phase === WatchPhase.FINAL) return update.report;
  }
  throw new Error('the stream ended without the final report');
}

const READS = {
  'get-config': 'getConfig', 'get-reports': 'getReports', 'list-checkpoints': 'listCheckpoints',
  'list-config-versions': 'listConfigVersions',
};

for (const [format, binary] of [['json', false], ['binary', true]]) {
  const client = clientWith(binary);

  const requestId = randomUUID();
  const begun = await client.runNow({ requestId, reason: 'connect-node' });
  const again = await client.runNow({ requestId, reason: 'connect-node' });
  assert.equal(again.run.runId, begun.run.runId, 'a request id does its work once');
  const report = await follow(client, begun.run.runId);
  assert.equal(report.state, RunState.SUCCEEDED);

  const invalid = await refusal(client.updateConfig({ config: { auth0: { batchSize: 1000 } }, updateMask: { paths: ['auth0.batch_size'] } }));
  assert.equal(invalid.code, Code.InvalidArgument);
  assert.equal(invalid.findDetails(ErrorInfoSchema)[0].reason, 'INVALID_FIELD');
  assert.equal(invalid.findDetails(BadRequestSchema)[0].fieldViolations[0].field, 'config.auth0.batch_size');
  assert.equal((await refusal(client.getReport({ runId: randomUUID() }))).code, Code.NotFound);
  assert.equal((await refusal(clientWith(binary, '').getStatus({}))).code, Code.Unauthenticated);
  assert.equal((await refusal(clientWith(binary, 'Bearer wrong').getStatus({}))).code, Code.Unauthenticated);

  // A caller who goes away ends the stream, and a deadline ends a call that would go on.
  const watched = await client.runNow({ reason: 'connect-node' });
  const gone = new AbortController();
  const aborted = await refusal((async () => {
    for await (const _ of client.watchRun({ runId: watched.run.runId }, { signal: gone.signal })) gone.abort();
  })());
  assert.equal(aborted.code, Code.Canceled);
  await follow(client, watched.run.runId);
  // Any one call may be answered in time.
  const inTime = () => client.getStatus({}, { timeoutMs: 1 }).then(() => null, (error) => ConnectError.from(error));
  let late = await inTime();
  for (let n = 0; late === null && n < 1000; ++n) late = await inTime();
  assert.equal(late?.code, Code.DeadlineExceeded);
}

// What nothing changes any more, so that both formats and gRPC must read the same.
for (const [format, binary] of [['json', false], ['binary', true]]) {
  const client = clientWith(binary);
  for (const [name, method] of Object.entries(READS)) {
    const answer = await client[method]({});
    writeFileSync(`${prefix}.${format}.${name}.json`, JSON.stringify(toJson(LogExportService.method[method].output, answer)));
  }
}
console.log('ok: connect-node, JSON and bytes');
