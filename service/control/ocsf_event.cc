#include "service/control/ocsf_event.h"

#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

#include "service/base/version.h"
#include "service/json/json_writer.h"

namespace logexport {
namespace {

// Of schema.ocsf.io, class 6003 in category 6.
constexpr int kCategory = 6;
constexpr int kClass = 6003;

struct Activity {
  int id;
  absl::string_view name;
};

Activity ActivityOf(absl::string_view method) {
  if (absl::StartsWith(method, "Create")) return {1, "Create"};
  for (const absl::string_view start : {"Get", "List", "Preview", "Watch", "Verify"}) {
    if (absl::StartsWith(method, start)) return {2, "Read"};
  }
  for (const absl::string_view start : {"Delete", "Purge", "Prune"}) {
    if (absl::StartsWith(method, start)) return {4, "Delete"};
  }
  for (const absl::string_view start : {"Set", "Update", "Rollback", "Pause", "Resume", "Rotate"}) {
    if (absl::StartsWith(method, start)) return {3, "Update"};
  }
  return {99, "Other"};
}

// Where the call came from; gRPC names it ipv4:127.0.0.1:4711 or ipv6:%5B::1%5D:4711.
void WriteSource(absl::string_view address, JsonWriter* json) {
  json->Key("src_endpoint").BeginObject();
  const std::string plain =
      absl::StrReplaceAll(absl::StripPrefix(absl::StripPrefix(address, "ipv4:"), "ipv6:"),
                          {{"%5B", "["}, {"%5D", "]"}, {"%5b", "["}, {"%5d", "]"}});
  const std::size_t colon = plain.rfind(':');
  std::int64_t port = 0;
  if (colon != std::string::npos && absl::SimpleAtoi(plain.substr(colon + 1), &port)) {
    absl::string_view host = absl::string_view(plain).substr(0, colon);
    if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
    json->Key("ip").String(host);
    json->Key("port").Int(port);
  } else {
    json->Key("name").String(plain.empty() ? "localhost" : plain);
  }
  json->EndObject();
}

void WriteUnmapped(const AuditEntry& entry, JsonWriter* json) {
  json->Key("unmapped").BeginObject();
  json->Key("way").String(entry.way);
  json->Key("caller_verified").Bool(entry.verified);
  json->Key("request_id").String(entry.request_id);
  json->Key("changes").BeginArray();
  for (const AuditedChange& change : entry.changes) {
    json->BeginObject();
    json->Key("field").String(change.field);
    json->Key("before").String(change.before);
    json->Key("after").String(change.after);
    json->EndObject();
  }
  json->EndArray();
  json->Key("further_refusals").Int(entry.further_refusals);
  json->Key("key_id").String(entry.key_id);
  json->Key("previous_hash").String(entry.previous_hash);
  json->Key("hash").String(entry.hash);
  json->EndObject();
}

}  // namespace

std::string OcsfEvent(const AuditEntry& entry) {
  const Activity activity = ActivityOf(entry.method);
  const bool done = entry.outcome == AuditOutcome::kDone;
  const bool refused = entry.outcome == AuditOutcome::kRefused;
  JsonWriter json;
  json.BeginObject();
  json.Key("category_uid").Int(kCategory);
  json.Key("category_name").String("Application Activity");
  json.Key("class_uid").Int(kClass);
  json.Key("class_name").String("API Activity");
  json.Key("activity_id").Int(activity.id);
  json.Key("activity_name").String(activity.name);
  json.Key("type_uid").Int(std::int64_t{kClass} * 100 + activity.id);
  json.Key("type_name").String(absl::StrCat("API Activity: ", activity.name));
  json.Key("time").Int(absl::ToUnixMillis(entry.time));
  json.Key("severity_id").Int(done ? 1 : refused ? 3 : 2);
  json.Key("severity").String(done ? "Informational" : refused ? "Medium" : "Low");
  json.Key("status_id").Int(done ? 1 : 2);
  json.Key("status").String(done ? "Success" : "Failure");
  if (!done) json.Key("status_code").String(entry.error_reason);
  if (!entry.reason.empty()) json.Key("message").String(entry.reason);
  json.Key("metadata").BeginObject();
  json.Key("version").String("1.4.0");
  json.Key("uid").String(entry.hash);
  json.Key("sequence").Int(entry.sequence);
  json.Key("log_name").String("audit");
  json.Key("product").BeginObject();
  json.Key("name").String("logexportd");
  json.Key("vendor_name").String("logexport");
  json.Key("version").String(kServiceVersion);
  json.EndObject().EndObject();
  json.Key("actor").BeginObject().Key("user").BeginObject();
  json.Key("name").String(entry.caller.empty() ? "unknown" : entry.caller);
  if (!entry.role.empty()) {
    json.Key("groups").BeginArray().BeginObject();
    json.Key("name").String(entry.role);
    json.EndObject().EndArray();
  }
  json.EndObject().EndObject();
  json.Key("api").BeginObject();
  json.Key("operation").String(entry.method);
  json.Key("service").BeginObject().Key("name").String("logexport.v1.LogExportService").EndObject();
  json.Key("request").BeginObject().Key("uid").String(entry.call_id).EndObject();
  json.Key("response").BeginObject();
  if (!done) json.Key("error").String(entry.error_reason);
  json.EndObject().EndObject();
  WriteSource(entry.address, &json);
  json.Key("resources").BeginArray();
  if (!entry.exporter.empty()) {
    json.BeginObject();
    json.Key("type").String("exporter");
    json.Key("name").String(entry.exporter);
    json.EndObject();
  }
  json.EndArray();
  WriteUnmapped(entry, &json);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace logexport
