#include "tests/sandbox/admin.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/base/time_text.h"
#include "service/json/json_writer.h"
#include "tests/sandbox/sandbox.h"

namespace logexport::sandbox {
namespace {

HttpResponse BadRequest(absl::string_view reason) {
  return TextResponse(400, absl::StrCat(reason, "\n"));
}

HttpResponse Done() { return JsonResponse(200, "{}"); }

HttpResponse Lines(std::string text) {
  HttpResponse response = JsonResponse(200, std::move(text));
  response.content_type = "application/x-ndjson";
  return response;
}

// The number in a parameter, `if_absent`, or nothing if it is no number.
std::optional<std::size_t> Number(const HttpRequest& request, absl::string_view name,
                                  std::size_t if_absent) {
  const std::optional<std::string> text = request.Parameter(name);
  std::size_t number = if_absent;
  if (text.has_value() && !absl::SimpleAtoi(*text, &number)) {
    return std::nullopt;
  }
  return number;
}

HttpResponse Events(Sandbox& sandbox, const HttpRequest& request) {
  std::string lines;
  for (const EventLedger::StoredEvent& event :
       sandbox.AcceptedEvents(request.Parameter("log_id").value_or(""),
                              request.Parameter("duplicates").value_or("") == "true")) {
    JsonWriter json;
    json.BeginObject().Key("messageId").String(event.message_id);
    json.Key("type").String(event.type).Key("event").String(event.event);
    json.Key("userId").String(event.user_id).Key("timestamp").String(event.timestamp);
    json.Key("log_id").String(event.log_id).Key("duplicate").Bool(event.duplicate);
    json.Key("raw").Raw(event.raw).EndObject();
    absl::StrAppend(&lines, json.text(), "\n");
  }
  return Lines(std::move(lines));
}

HttpResponse MissingLogs(Sandbox& sandbox, const HttpRequest& request) {
  const std::optional<std::size_t> limit = Number(request, "limit", 1000);
  if (!limit.has_value()) {
    return BadRequest("limit must be a number");
  }
  const Sandbox::Missing missing = sandbox.MissingLogs(*limit);
  JsonWriter json;
  json.BeginObject().Key("count").Int(static_cast<std::int64_t>(missing.count));
  json.Key("log_ids").BeginArray();
  for (const std::string& id : missing.log_ids) {
    json.String(id);
  }
  json.EndArray().EndObject();
  return JsonResponse(200, std::move(json).Take());
}

HttpResponse OneLog(Sandbox& sandbox, const HttpRequest& request) {
  const std::optional<std::string> id = request.Parameter("id");
  const std::optional<std::size_t> index = Number(request, "n", SIZE_MAX);
  const std::optional<std::string> log = id.has_value() ? sandbox.LogById(*id)
                                         : index        ? sandbox.LogAt(*index)
                                                        : std::nullopt;
  return log.has_value() ? JsonResponse(200, *log) : TextResponse(404, "no such log\n");
}

HttpResponse LogIds(Sandbox& sandbox, const HttpRequest& request) {
  const std::optional<std::size_t> offset = Number(request, "offset", 0);
  const std::optional<std::size_t> limit = Number(request, "limit", SIZE_MAX);
  if (!offset.has_value() || !limit.has_value()) {
    return BadRequest("offset and limit must be numbers");
  }
  std::string lines;
  for (const std::string& id : sandbox.LogIds(*offset, *limit)) {
    absl::StrAppend(&lines, id, "\n");
  }
  return TextResponse(200, lines);
}

HttpResponse AddLogs(Sandbox& sandbox, const HttpRequest& request) {
  if (const std::optional<std::string> id = request.Parameter("id")) {
    return sandbox.AddRawLog(*id, request.body) ? Done()
                                                : BadRequest("a log with that id is there already");
  }
  const LogStore::LoadResult result = sandbox.AddLogs(request.body);
  if (result.bad_lines > 0) {
    return BadRequest(absl::StrCat(result.bad_lines,
                                   " lines are no JSON objects with an id; first: line ",
                                   result.bad_line, ". Nothing was added."));
  }
  return JsonResponse(200, absl::StrCat(R"({"added":)", result.added, R"(,"repeated_ids":)",
                                        result.repeated_ids, "}"));
}

HttpResponse Generate(Sandbox& sandbox, const HttpRequest& request) {
  constexpr std::size_t kMostAtOnce = 10'000'000;
  const std::optional<std::size_t> count = Number(request, "count", 0);
  const std::optional<std::string> start_text = request.Parameter("start");
  const std::optional<absl::Time> start =
      start_text ? ParseTimestamp(*start_text) : std::optional<absl::Time>();
  absl::Duration span;
  if (!count.has_value() || *count == 0 || *count > kMostAtOnce) {
    return BadRequest(absl::StrCat("count must be from 1 to ", kMostAtOnce));
  }
  if (start_text.has_value() && !start.has_value()) {
    return BadRequest("start must be like 2026-11-23T00:00:00Z");
  }
  if (!absl::ParseDuration(request.Parameter("span").value_or("1s"), &span) ||
      span <= absl::ZeroDuration()) {
    return BadRequest("span must be like 90s or 24h");
  }
  sandbox.GenerateLogs(*count, start, span);
  return Done();
}

HttpResponse SetClock(Sandbox& sandbox, const HttpRequest& request) {
  absl::Duration offset;
  if (!absl::ParseDuration(request.Parameter("offset").value_or(""), &offset)) {
    return BadRequest("offset must be like -90s, 1h30m or 0");
  }
  sandbox.SetClockOffset(offset);
  return Done();
}

HttpResponse ShowFaults(Sandbox& sandbox) {
  JsonWriter json;
  json.BeginArray();
  for (const FaultInjector::Entry& entry : sandbox.faults()) {
    json.BeginObject().Key("action").String(FaultActionName(entry.rule.action));
    json.Key("endpoints").BeginArray();
    for (std::size_t i = 0; i < kEndpoints; ++i) {
      if (entry.rule.endpoints.Contains(static_cast<Endpoint>(i))) {
        json.String(EndpointName(static_cast<Endpoint>(i)));
      }
    }
    json.EndArray();
    json.Key("counted").Int(static_cast<std::int64_t>(entry.counted));
    json.Key("struck").Int(static_cast<std::int64_t>(entry.struck)).EndObject();
  }
  json.EndArray();
  return JsonResponse(200, std::move(json).Take());
}

HttpResponse ChangeFaults(Sandbox& sandbox, const HttpRequest& request) {
  absl::StatusOr<FaultPlan> plan = ParseFaultPlan(request.body);
  if (!plan.ok()) {
    return BadRequest(plan.status().message());
  }
  sandbox.ApplyFaults(*std::move(plan));
  return ShowFaults(sandbox);
}

HttpResponse SlackMessages(Sandbox& sandbox) {
  std::string lines;
  for (const SlackSimulator::Message& message : sandbox.slack_messages()) {
    absl::StrAppend(&lines, message.raw, "\n");
  }
  return Lines(std::move(lines));
}

HttpResponse Get(Sandbox& sandbox, absl::string_view what, const HttpRequest& request) {
  if (what == "stats") return JsonResponse(200, sandbox.stats().ToJson());
  if (what == "events") return Events(sandbox, request);
  if (what == "missing") return MissingLogs(sandbox, request);
  if (what == "log") return OneLog(sandbox, request);
  if (what == "log_ids") return LogIds(sandbox, request);
  if (what == "slack") return SlackMessages(sandbox);
  if (what == "faults") return ShowFaults(sandbox);
  return TextResponse(404,
                      "The sandbox can GET stats, events, missing, log, log_ids, slack, faults\n");
}

HttpResponse Post(Sandbox& sandbox, absl::string_view what, const HttpRequest& request) {
  if (what == "faults") return ChangeFaults(sandbox, request);
  if (what == "logs") return AddLogs(sandbox, request);
  if (what == "generate") return Generate(sandbox, request);
  if (what == "clock") return SetClock(sandbox, request);
  if (what == "expire") {
    sandbox.ExpireLogs(request.Parameter("until").value_or(""));
    return Done();
  }
  if (what == "revoke-tokens") {
    sandbox.RevokeTokens();
    return Done();
  }
  if (what == "reset") {
    sandbox.Reset();
    return Done();
  }
  return TextResponse(
      404, "The sandbox can POST faults, logs, generate, clock, expire, revoke-tokens, reset\n");
}

}  // namespace

HttpResponse HandleAdmin(Sandbox& sandbox, const HttpRequest& request) {
  const absl::string_view what = request.path.substr(kAdminPath.size());
  if (request.method == "GET") {
    return Get(sandbox, what, request);
  }
  if (request.method == "POST") {
    return Post(sandbox, what, request);
  }
  if (request.method == "DELETE" && what == "faults") {
    sandbox.ClearFaults();
    return Done();
  }
  return TextResponse(405, "GET or POST\n");
}

}  // namespace logexport::sandbox
