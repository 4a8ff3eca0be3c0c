#!/usr/bin/env node
// Steers the service from Node: runs an export, follows it, and changes what it does next.
//
// usage: node steer.js HOST:PORT PROTO_DIR, where PROTO_DIR is this project's proto/. Needs the npm
// packages @grpc/grpc-js and @grpc/proto-loader; nothing is generated.
'use strict';

const {randomUUID} = require('node:crypto');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const DEADLINE_MS = 10_000; // every call should have one

function load(protoDir) {
  const files = [
    'logexport/v1/service.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto',
  ];
  // int64 as text: log counts fit into a number, but a schema does not promise that.
  return protoLoader.loadSync(
    files, {includeDirs: [protoDir], keepCase: true, longs: String, enums: String, defaults: true});
}

// A promise instead of a callback, and a deadline.
function caller(client) {
  return (method, request) => new Promise((resolve, reject) => {
    client[method](request, {deadline: Date.now() + DEADLINE_MS},
      (error, answer) => error ? reject(error) : resolve(answer));
  });
}

// The typed details of a failed call, by message name; {} if there are none.
function detailsOf(error, definitions) {
  const found = {};
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return found;
  for (const any of definitions['google.rpc.Status'].deserialize(bytes).details) {
    const type = any.type_url.split('/').pop();
    if (definitions[type]) found[type.split('.').pop()] = definitions[type].deserialize(any.value);
  }
  return found;
}

// The final report. A stream that breaks is resumed after the last message that arrived.
async function follow(client, runId) {
  let sequence = '0';
  for (let attempt = 0; attempt < 5; ++attempt) {
    try {
      const watch = client.WatchRun(
        {run_id: runId, after_sequence: sequence}, {deadline: Date.now() + 600_000});
      for await (const update of watch) {
        sequence = update.sequence;
        if (update.phase === 'WATCH_PHASE_FINAL') return update.report;
      }
    } catch (error) {
      if (error.code !== grpc.status.UNAVAILABLE) throw error;
    }
  }
  throw new Error(`run ${runId} cannot be followed; it goes on without us`);
}

async function refused(call, definitions) {
  try {
    await call;
  } catch (error) {
    const details = detailsOf(error, definitions);
    console.log('refused', grpc.status[error.code], details.ErrorInfo.reason);
    for (const violation of details.BadRequest?.field_violations ?? []) {
      console.log('violation', violation.field);
    }
    return;
  }
  throw new Error('the call should have been refused');
}

async function main(address, protoDir) {
  const definitions = load(protoDir);
  const {LogExportService} = grpc.loadPackageDefinition(definitions).logexport.v1;
  // Beyond this machine: grpc.credentials.createSsl(), and metadata with `authorization: Bearer ...`.
  const client = new LogExportService(address, grpc.credentials.createInsecure());
  const call = caller(client);

  // A request id makes it safe to send a write again when its answer was lost.
  const request = {on_active: 'ON_ACTIVE_JOIN', request_id: randomUUID(), reason: 'node example'};
  const started = await call('RunNow', request);
  const repeated = await call('RunNow', request);
  console.log('run', started.run.run_id, 'again', repeated.run.run_id === started.run.run_id);

  const report = await follow(client, started.run.run_id);
  console.log('state', report.state, 'accepted', report.ledger.accepted);

  const reports = await call('GetReports', {states: ['RUN_STATE_SUCCEEDED'], page_size: 10});
  console.log(
    'reports', reports.total_size, 'newest', reports.reports[0].run_id === report.run_id);

  // Replay what that run exported. `expected` refuses if somebody has moved the checkpoint since.
  const moved = await call('SetCheckpoint', {
    run_start: report.run_id, expected: report.checkpoint_after, request_id: randomUUID(),
    reason: 'node example',
  });
  console.log('moved', moved.direction);

  const {config, etag} = await call('GetConfig', {});
  // Another value than the one there is: what changes nothing makes no new version.
  const size = config.auth0.batch_size === 50 ? 100 : 50;
  const change = {
    config: {auth0: {batch_size: size}}, update_mask: {paths: ['auth0.batch_size']}, etag,
    request_id: randomUUID(), reason: 'node example',
  };
  const updated = await call('UpdateConfig', change);
  console.log('changed', updated.changed_fields.join(','), 'version', updated.version);

  // The etag read before is stale now.
  const stale = {...change, config: {auth0: {batch_size: 60}}, request_id: randomUUID()};
  await refused(call('UpdateConfig', stale), definitions);

  // Every wrong field is told at once.
  const wrong = {config: {schedule: {cron: 'every day'}, auth0: {batch_size: 500}}};
  await refused(call('UpdateConfig', wrong), definitions);
  client.close();
}

if (process.argv.length !== 4) {
  console.error('usage: node steer.js HOST:PORT PROTO_DIR');
  process.exit(2);
}
main(process.argv[2], process.argv[3]).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
