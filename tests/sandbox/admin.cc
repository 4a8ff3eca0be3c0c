#include "tests/sandbox/admin.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/base/time_text.h"
#include "service/json/json_writer.h"
#include "tests/sandbox/simulation.h"

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

HttpResponse Events(Simulation& simulation, const HttpRequest& request) {
  std::string lines;
  for (const EventLedger::StoredEvent& event :
       simulation.AcceptedEvents(request.Parameter("log_id").value_or(""),
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

HttpResponse MissingLogs(Simulation& simulation, const HttpRequest& request) {
  const std::optional<std::size_t> limit = Number(request, "limit", 1000);
  if (!limit.has_value()) {
    return BadRequest("limit must be a number");
  }
  const Simulation::Missing missing = simulation.MissingLogs(*limit);
  JsonWriter json;
  json.BeginObject().Key("count").Int(static_cast<std::int64_t>(missing.count));
  json.Key("log_ids").BeginArray();
  for (const std::string& id : missing.log_ids) {
    json.String(id);
  }
  json.EndArray().EndObject();
  return JsonResponse(200, std::move(json).Take());
}

HttpResponse OneLog(Simulation& simulation, const HttpRequest& request) {
  const std::optional<std::string> id = request.Parameter("id");
  const std::optional<std::size_t> index = Number(request, "n", SIZE_MAX);
  const std::optional<std::string> log = id.has_value() ? simulation.LogById(*id)
                                         : index        ? simulation.LogAt(*index)
                                                        : std::nullopt;
  return log.has_value() ? JsonResponse(200, *log) : TextResponse(404, "no such log\n");
}

HttpResponse LogIds(Simulation& simulation, const HttpRequest& request) {
  const std::optional<std::size_t> offset = Number(request, "offset", 0);
  const std::optional<std::size_t> limit = Number(request, "limit", SIZE_MAX);
  if (!offset.has_value() || !limit.has_value()) {
    return BadRequest("offset and limit must be numbers");
  }
  std::string lines;
  for (const std::string& id : simulation.LogIds(*offset, *limit)) {
    absl::StrAppend(&lines, id, "\n");
  }
  return TextResponse(200, lines);
}

HttpResponse AddLogs(Simulation& simulation, const HttpRequest& request) {
  if (const std::optional<std::string> id = request.Parameter("id")) {
    return simulation.AddRawLog(*id, request.body)
               ? Done()
               : BadRequest("a log with that id is there already");
  }
  const LogStore::LoadResult result = simulation.AddLogs(request.body);
  if (result.bad_lines > 0) {
    return BadRequest(absl::StrCat(result.bad_lines,
                                   " lines are no JSON objects with an id; first: line ",
                                   result.bad_line, ". Nothing was added."));
  }
  return JsonResponse(200, absl::StrCat(R"({"added":)", result.added, R"(,"repeated_ids":)",
                                        result.repeated_ids, "}"));
}

HttpResponse Generate(Simulation& simulation, const HttpRequest& request) {
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
  simulation.GenerateLogs(*count, start, span);
  return Done();
}

HttpResponse SetClock(Simulation& simulation, const HttpRequest& request) {
  absl::Duration offset;
  if (!absl::ParseDuration(request.Parameter("offset").value_or(""), &offset)) {
    return BadRequest("offset must be like -90s, 1h30m or 0");
  }
  simulation.SetClockOffset(offset);
  return Done();
}

HttpResponse ShowFaults(Simulation& simulation) {
  JsonWriter json;
  json.BeginArray();
  for (const FaultInjector::Entry& entry : simulation.faults()) {
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

HttpResponse ChangeFaults(Simulation& simulation, const HttpRequest& request) {
  absl::StatusOr<FaultPlan> plan = ParseFaultPlan(request.body);
  if (!plan.ok()) {
    return BadRequest(plan.status().message());
  }
  simulation.ApplyFaults(*std::move(plan));
  return ShowFaults(simulation);
}

HttpResponse SlackMessages(Simulation& simulation) {
  std::string lines;
  for (const SlackSimulator::Message& message : simulation.slack_messages()) {
    absl::StrAppend(&lines, message.raw, "\n");
  }
  return Lines(std::move(lines));
}

HttpResponse Get(Simulation& simulation, absl::string_view what, const HttpRequest& request) {
  if (what == "stats") return JsonResponse(200, simulation.stats().ToJson());
  if (what == "events") return Events(simulation, request);
  if (what == "missing") return MissingLogs(simulation, request);
  if (what == "log") return OneLog(simulation, request);
  if (what == "log_ids") return LogIds(simulation, request);
  if (what == "slack") return SlackMessages(simulation);
  if (what == "faults") return ShowFaults(simulation);
  return TextResponse(404,
                      "The sandbox can GET stats, events, missing, log, log_ids, slack, faults\n");
}

HttpResponse Post(Simulation& simulation, absl::string_view what, const HttpRequest& request) {
  if (what == "faults") return ChangeFaults(simulation, request);
  if (what == "logs") return AddLogs(simulation, request);
  if (what == "generate") return Generate(simulation, request);
  if (what == "clock") return SetClock(simulation, request);
  if (what == "expire") {
    simulation.ExpireLogs(request.Parameter("until").value_or(""));
    return Done();
  }
  if (what == "revoke-tokens") {
    simulation.RevokeTokens();
    return Done();
  }
  if (what == "reset") {
    simulation.Reset();
    return Done();
  }
  return TextResponse(
      404, "The sandbox can POST faults, logs, generate, clock, expire, revoke-tokens, reset\n");
}

}  // namespace

HttpResponse HandleAdmin(Simulation& simulation, const HttpRequest& request) {
  const absl::string_view what = request.path.substr(kAdminPath.size());
  if (request.method == "GET") {
    return Get(simulation, what, request);
  }
  if (request.method == "POST") {
    return Post(simulation, what, request);
  }
  if (request.method == "DELETE" && what == "faults") {
    simulation.ClearFaults();
    return Done();
  }
  return TextResponse(405, "GET or POST\n");
}

}  // namespace logexport::sandbox
