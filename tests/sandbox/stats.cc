#include "tests/sandbox/stats.h"

#include <utility>

#include "service/json/json_writer.h"

namespace logexport::sandbox {
namespace {

void Add(JsonWriter* json, absl::string_view key, std::uint64_t value) {
  json->Key(key).Int(static_cast<std::int64_t>(value));
}

void AddEndpoints(JsonWriter* json, const PerEndpoint<EndpointCounters>& endpoints) {
  json->Key("endpoints").BeginObject();
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    const auto endpoint = static_cast<Endpoint>(i);
    const EndpointCounters& counters = endpoints[endpoint];
    json->Key(EndpointName(endpoint)).BeginObject();
    Add(json, "requests", counters.requests);
    Add(json, "faults", counters.faults);
    Add(json, "refusals", counters.refusals);
    Add(json, "in_flight", counters.in_flight);
    Add(json, "max_in_flight", counters.max_in_flight);
    json->EndObject();
  }
  json->EndObject();
}

void AddAuth0(JsonWriter* json, const SandboxStats& stats) {
  json->Key("auth0").BeginObject();
  Add(json, "logs", stats.logs);
  Add(json, "log_bytes", stats.log_bytes);
  Add(json, "expired_logs", stats.expired_logs);
  Add(json, "tokens_issued", stats.auth0.tokens_issued);
  Add(json, "tokens_refused", stats.auth0.tokens_refused);
  Add(json, "unauthorized", stats.auth0.unauthorized);
  Add(json, "forbidden", stats.auth0.forbidden);
  Add(json, "rate_limited", stats.auth0.rate_limited);
  Add(json, "pages", stats.auth0.pages);
  Add(json, "empty_pages", stats.auth0.empty_pages);
  Add(json, "logs_served", stats.auth0.logs_served);
  Add(json, "search_pages", stats.auth0.search_pages);
  Add(json, "search_logs_served", stats.auth0.search_logs_served);
  Add(json, "profiles_served", stats.auth0.profiles_served);
  Add(json, "profiles_not_found", stats.auth0.profiles_not_found);
  json->EndObject();
}

void AddSegment(JsonWriter* json, const SandboxStats& stats) {
  const SegmentCounters& segment = stats.segment;
  json->Key("segment").BeginObject();
  Add(json, "events_accepted", stats.events_accepted);
  Add(json, "unique_message_ids", stats.unique_message_ids);
  Add(json, "duplicates", stats.duplicates);
  Add(json, "events_without_message_id", stats.events_without_message_id);
  Add(json, "logs_with_events", stats.logs_with_events);
  Add(json, "batches", segment.batches);
  Add(json, "refused_batches", segment.refused_batches);
  Add(json, "dropped_events", segment.dropped_events);
  Add(json, "bytes", segment.bytes);
  Add(json, "gzip_batches", segment.gzip_batches);
  Add(json, "batches_without_sent_at", segment.batches_without_sent_at);
  Add(json, "largest_batch_bytes", segment.largest_batch_bytes);
  Add(json, "largest_batch_events", segment.largest_batch_events);
  Add(json, "largest_event_bytes", segment.largest_event_bytes);
  Add(json, "violations", segment.AllViolations());
  json->Key("violations_by_kind").BeginObject();
  for (std::size_t i = 0; i < kViolations; ++i) {
    if (segment.violations[i] == 0) {
      continue;
    }
    json->Key(ViolationName(static_cast<Violation>(i))).BeginObject();
    Add(json, "count", segment.violations[i]);
    json->Key("samples").BeginArray();
    for (const std::string& sample : segment.samples[i]) {
      json->String(sample);
    }
    json->EndArray().EndObject();
  }
  json->EndObject().EndObject();
}

}  // namespace

std::string SandboxStats::ToJson() const {
  JsonWriter json;
  json.BeginObject();
  Add(&json, "requests", requests);
  Add(&json, "in_flight", in_flight);
  Add(&json, "max_in_flight", max_in_flight);
  Add(&json, "unknown_requests", unknown_requests);
  json.Key("last_unknown_request").String(last_unknown_request);
  AddEndpoints(&json, endpoints);
  AddAuth0(&json, *this);
  AddSegment(&json, *this);
  json.Key("slack").BeginObject();
  Add(&json, "messages", slack_texts.size());
  Add(&json, "refused", slack_refused);
  json.Key("texts").BeginArray();
  for (const std::string& text : slack_texts) {
    json.String(text);
  }
  json.EndArray().EndObject();
  json.Key("http").BeginObject();
  Add(&json, "connections", http.connections);
  Add(&json, "open_connections", http.open_connections);
  Add(&json, "bytes_in", http.bytes_in);
  Add(&json, "bytes_out", http.bytes_out);
  json.EndObject().EndObject();
  return std::move(json).Take();
}

}  // namespace logexport::sandbox
