#ifndef LOGEXPORT_TESTS_CLIENT_QUESTION_ANSWERS_H_
#define LOGEXPORT_TESTS_CLIENT_QUESTION_ANSWERS_H_

namespace logexport::cli {

// What a service answers to an operator, in the words that it uses and as text of the protos.
// 2026-11-23T12:00:00Z is now.
inline constexpr char kHealthyRun[] = R"pb(
  run_id: "019ab1c2-4d5e-7f60-8a9b-0c1d2e3f4051"
  exporter: "default"
  kind: RUN_KIND_EXPORT
  state: RUN_STATE_SUCCEEDED
  stop_reason: STOP_REASON_CAUGHT_UP
  trigger: TRIGGER_SCHEDULE
  requester { name: "schedule" verified: true }
  config_version: 4
  create_time { seconds: 1795435020 }
  start_time { seconds: 1795435020 }
  end_time { seconds: 1795435023 }
  checkpoint_before: "90020261123115500000000000000000000000012233720368500001"
  checkpoint_after: "90020261123115645123000000000000000000012233720368500119"
  first_log_time { seconds: 1795434905 }
  last_log_time { seconds: 1795435005 }
  ledger { fetched: 118 accepted: 110 filtered: 8 events_accepted: 110 }
  pages: 3
  batches: 2
  bytes_sent: 184320
  api_calls { auth0: 4 segment: 2 }
  sequence: 2
)pb";

inline constexpr char kFailedRun[] = R"pb(
  run_id: "019ab1c6-1111-7f60-8a9b-0c1d2e3f4052"
  exporter: "default"
  kind: RUN_KIND_EXPORT
  state: RUN_STATE_FAILED
  stop_reason: STOP_REASON_ERROR
  trigger: TRIGGER_SCHEDULE
  requester { name: "schedule" verified: true }
  config_version: 4
  create_time { seconds: 1795435140 }
  start_time { seconds: 1795435140 }
  end_time { seconds: 1795435143 }
  checkpoint_before: "90020261123115645123000000000000000000012233720368500119"
  checkpoint_after: "90020261123115645123000000000000000000012233720368500119"
  ledger { fetched: 40 unsettled: 40 }
  pages: 1
  api_calls { auth0: 2 segment: 1 }
  error {
    origin: ERROR_ORIGIN_SEGMENT
    reason: "SEGMENT_CREDENTIALS_REJECTED"
    message: "Segment refused the write key (401)."
    action: "Set segment.write_key to the write key of the source."
  }
)pb";

inline constexpr char kStatus[] = R"pb(
  exporter: "default"
  state: EXPORTER_STATE_IDLE
  next_run_times { seconds: 1795435200 }
  next_run_times { seconds: 1795435500 }
  next_run_times { seconds: 1795435800 }
  next_run_times { seconds: 1795436100 }
  next_run_times { seconds: 1795436400 }
  checkpoint {
    log_id: "90020261123115645123000000000000000000012233720368500119"
    log_time { seconds: 1795435005 }
    version: 371
    update_time { seconds: 1795435023 }
    reason: "019ab1c2-4d5e-7f60-8a9b-0c1d2e3f4051"
  }
  lag { seconds: 190 }
  last_caught_up_time { seconds: 1795435022 }
  rate_budget {
    limit: 50
    remaining: 46
    reset_time { seconds: 1795435201 }
    update_time { seconds: 1795435022 }
  }
  config_version: 4
  schedule_counters { started: 370 missed: 2 }
  service_version: "1.2.3"
  service_start_time { seconds: 1795300000 }
  message_namespace: "ed296aafa5b9c884"
)pb";

inline constexpr char kChanges[] = R"pb(
  entries {
    time { seconds: 1795430000 }
    kind: HISTORY_KIND_CONFIGURATION
    summary: "version 4: schedule.cron 0 */5 * * * * → @every 10m, filter.types (default) → s,ss,f,fp,fu"
    by { name: "alice@laptop" }
    reason: "less noise"
    config_version: 4
  }
  entries {
    time { seconds: 1795426400 }
    kind: HISTORY_KIND_PAUSE
    summary: "resumed"
    by { name: "oscar" verified: true }
  }
  entries {
    time { seconds: 1795422800 }
    kind: HISTORY_KIND_CHECKPOINT
    summary: "checkpoint moved from 90020261123083320000000000000000000000012233720368547123 (2026-11-23T08:33:20Z) to 2026-11-22T14:00:00Z"
    by { name: "oscar" verified: true }
    reason: "the warehouse lost yesterday"
    checkpoint_version: 12
  }
  entries {
    time { seconds: 1795419200 }
    kind: HISTORY_KIND_PAUSE
    summary: "paused"
    by { name: "oscar" verified: true }
    reason: "warehouse maintenance"
  }
  entries {
    time { seconds: 1795300000 }
    kind: HISTORY_KIND_CONFIGURATION
    summary: "version 3, back to 1: segment.write_key ******** → ********"
    by { name: "alice@laptop" }
    config_version: 3
  }
)pb";

inline constexpr char kRefused[] = R"pb(
  dead_letters {
    log_id: "90020261123115645123000000000000000000012233720368500119"
    type: "f"
    log_time { seconds: 1795434905 }
    reason: "SEGMENT_REJECTED"
    message: "Segment answered 400: malformed JSON"
  }
  dead_letters {
    log_id: "90020261123101500000000000000000000000012233720368512345"
    type: "sapi"
    log_time { seconds: 1795428900 }
    reason: "EVENT_TOO_LARGE"
    message: "the event has 48,211 bytes with every text shortened; at most 32,000 are accepted"
  }
  total_size: 2
)pb";

// Of a tenant with many types.
inline constexpr char kReplay[] = R"pb(
  run_id: "019ab1c8-2222-7f60-8a9b-0c1d2e3f4053"
  exporter: "default"
  kind: RUN_KIND_WINDOW
  state: RUN_STATE_SUCCEEDED
  stop_reason: STOP_REASON_CAUGHT_UP
  trigger: TRIGGER_REPLAY
  requester { name: "alice@laptop" }
  reason: "the warehouse lost them"
  window {
    start { seconds: 1795356000 }
    end { seconds: 1795359600 }
  }
  config_version: 4
  create_time { seconds: 1795435140 }
  start_time { seconds: 1795435140 }
  end_time { seconds: 1795435151 }
  first_log_time { seconds: 1795356001 }
  last_log_time { seconds: 1795359598 }
  ledger { fetched: 5120 accepted: 5100 filtered: 20 events_accepted: 5100 }
  by_type { type: "s" fetched: 3000 accepted: 3000 }
  by_type { type: "f" fetched: 2000 accepted: 2000 }
  by_type { type: "seacft" fetched: 100 accepted: 100 }
  by_type { type: "sapi" fetched: 20 filtered: 20 }
  filtered_by_reason { key: "TYPE" value: 20 }
  pages: 54
  batches: 12
  bytes_sent: 7864320
  api_calls { auth0: 55 segment: 12 }
  retries: 3
  limit_wait { seconds: 2 }
  warnings {
    code: "SEGMENT_MAY_DROP_REPEATS"
    message: "Segment may drop what it had in the last 24 hours; new message ids prevent that"
    count: 1
  }
  warnings { code: "UNKNOWN_LOG_TYPE" message: "type xyz is not known" count: 7 }
  sequence: 12
  new_logs: 0
  member: "logexport-1:4711"
)pb";

inline constexpr char kCost[] = R"pb(
  previous {
    log_id: "90020261123115645123000000000000000000012233720368500119"
    log_time { seconds: 1795435005 }
    version: 371
    update_time { seconds: 1795435023 }
    updated_by { name: "schedule" verified: true }
    reason: "019ab1c2-4d5e-7f60-8a9b-0c1d2e3f4051"
  }
  checkpoint {
    pending { time { seconds: 1795356000 } }
    version: 372
    update_time { seconds: 1795435200 }
    updated_by { name: "alice@laptop" }
  }
  direction: CHECKPOINT_DIRECTION_REWIND
  warnings {
    code: "SEGMENT_MAY_DROP_REPEATS"
    message: "Segment drops events that it has seen within its look-back of 24 hours or more."
    count: 1
  }
  estimate {
    logs: 118240
    exact: true
    logs_beyond_dedupe: 0
    duration { seconds: 94 }
  }
)pb";

}  // namespace logexport::cli

#endif  // LOGEXPORT_TESTS_CLIENT_QUESTION_ANSWERS_H_
