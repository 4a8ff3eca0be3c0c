#include "tests/sandbox/faults/fault_plan.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <simdjson.h>

#include "service/base/status_macros.h"

namespace logexport::sandbox {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// What went wrong, without the place.
absl::Status Wrong(absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("must be ", expected));
}

absl::Status Read(element value, std::string* to) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) {
    return Wrong("a string");
  }
  *to = std::string(text);
  return absl::OkStatus();
}

absl::Status Read(element value, bool* to) {
  return value.get(*to) == simdjson::SUCCESS ? absl::OkStatus() : Wrong("true or false");
}

absl::Status Read(element value, std::int64_t* to) {
  return value.get(*to) == simdjson::SUCCESS ? absl::OkStatus() : Wrong("a whole number");
}

absl::Status Read(element value, std::uint64_t* to) {
  return value.get(*to) == simdjson::SUCCESS ? absl::OkStatus()
                                             : Wrong("a whole number, not negative");
}

absl::Status Read(element value, absl::Duration* to) {
  double milliseconds = 0;
  if (value.get(milliseconds) != simdjson::SUCCESS || milliseconds < 0) {
    return Wrong("a number of milliseconds, not negative");
  }
  *to = absl::Milliseconds(milliseconds);
  return absl::OkStatus();
}

absl::Status ReadAction(element value, FaultAction* action) {
  std::string name;
  RETURN_IF_ERROR(Read(value, &name));
  const std::optional<FaultAction> named = FaultActionFromName(name);
  if (!named.has_value()) {
    return Wrong(absl::StrCat("one of ", FaultActionNames()));
  }
  *action = *named;
  return absl::OkStatus();
}

absl::StatusOr<EndpointSet> ReadEndpoint(absl::string_view name) {
  if (const std::optional<EndpointSet> endpoints = EndpointSet::FromName(name)) {
    return *endpoints;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name,
                   "' is no endpoint: must be one of token, logs, logs_checkpoint, logs_search, "
                   "log, users, users_read, users_search, segment, slack, all"));
}

absl::Status ReadHeaders(element value, std::vector<std::pair<std::string, std::string>>* headers) {
  object fields;
  if (value.get(fields) != simdjson::SUCCESS) {
    return Wrong("an object of strings");
  }
  for (const auto& [name, text] : fields) {
    std::string header;
    RETURN_IF_ERROR(Read(text, &header));
    headers->emplace_back(std::string(name), std::move(header));
  }
  return absl::OkStatus();
}

absl::Status ReadRuleField(std::string_view key, element value, FaultRule* rule) {
  if (key == "endpoint") {
    std::string name;
    RETURN_IF_ERROR(Read(value, &name));
    ASSIGN_OR_RETURN(rule->endpoints, ReadEndpoint(name));
    return absl::OkStatus();
  }
  if (key == "status") {
    std::int64_t status = 0;
    RETURN_IF_ERROR(Read(value, &status));
    if (status < 200 || status > 599) {
      return Wrong("from 200 to 599");
    }
    rule->status = static_cast<int>(status);
    return absl::OkStatus();
  }
  if (key == "every") {
    RETURN_IF_ERROR(Read(value, &rule->every));
    return rule->every > 0 ? absl::OkStatus() : Wrong("at least 1");
  }
  if (key == "probability") {
    const bool ok = value.get(rule->probability) == simdjson::SUCCESS && rule->probability >= 0 &&
                    rule->probability <= 1;
    return ok ? absl::OkStatus() : Wrong("a number from 0 to 1");
  }
  if (key == "drip_bytes") {
    RETURN_IF_ERROR(Read(value, &rule->drip_bytes));
    return rule->drip_bytes > 0 ? absl::OkStatus() : Wrong("at least 1");
  }
  if (key == "body") return Read(value, &rule->body.emplace());
  if (key == "process") return Read(value, &rule->process.emplace());
  if (key == "action") return ReadAction(value, &rule->action);
  if (key == "headers") return ReadHeaders(value, &rule->headers);
  if (key == "contains") return Read(value, &rule->contains);
  if (key == "content_type") return Read(value, &rule->content_type);
  if (key == "min_body_bytes") return Read(value, &rule->min_body_bytes);
  if (key == "skip") return Read(value, &rule->skip);
  if (key == "times") return Read(value, &rule->times);
  if (key == "delay_ms") return Read(value, &rule->delay);
  if (key == "hang_ms") return Read(value, &rule->hang_for);
  if (key == "drip_ms") return Read(value, &rule->drip_every);
  if (key == "length_delta") return Read(value, &rule->length_delta);
  if (key == "reset") return Read(value, &rule->reset);
  return absl::InvalidArgumentError("is unknown");
}

absl::StatusOr<FaultRule> ReadRule(object fields) {
  FaultRule rule;
  bool has_action = false;
  for (const auto& [key, value] : fields) {
    has_action = has_action || key == "action";
    if (const absl::Status status = ReadRuleField(key, value, &rule); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("rule: ", std::string(key), " ", status.message()));
    }
  }
  if (!has_action) {
    return absl::InvalidArgumentError("rule: action is missing");
  }
  return rule;
}

absl::Status ReadLatency(element value, FaultPlan* plan) {
  object by_endpoint;
  if (value.get(by_endpoint) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("latency_ms must be an object of numbers by endpoint");
  }
  for (const auto& [name, milliseconds] : by_endpoint) {
    ASSIGN_OR_RETURN(const EndpointSet endpoints, ReadEndpoint(std::string(name)));
    absl::Duration latency;
    RETURN_IF_ERROR(Read(milliseconds, &latency));
    plan->latency.emplace_back(endpoints, latency);
  }
  return absl::OkStatus();
}

absl::Status ReadRules(element value, FaultPlan* plan) {
  simdjson::dom::array rules;
  if (value.get(rules) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("rules must be an array");
  }
  for (const element item : rules) {
    object fields;
    if (item.get(fields) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError("rules must hold objects");
    }
    ASSIGN_OR_RETURN(FaultRule rule, ReadRule(fields));
    plan->rules.push_back(std::move(rule));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FaultPlan> ParseFaultPlan(absl::string_view json) {
  simdjson::dom::parser parser;
  object top;
  if (parser.parse(json.data(), json.size()).get(top) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("not a JSON object");
  }
  FaultPlan plan;
  if (top["action"].error() == simdjson::SUCCESS) {
    ASSIGN_OR_RETURN(FaultRule rule, ReadRule(top));
    plan.rules.push_back(std::move(rule));
    return plan;
  }
  for (const auto& [key, value] : top) {
    if (key == "clear") {
      RETURN_IF_ERROR(Read(value, &plan.clear));
    } else if (key == "latency_ms") {
      RETURN_IF_ERROR(ReadLatency(value, &plan));
    } else if (key == "rules") {
      RETURN_IF_ERROR(ReadRules(value, &plan));
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(key), " is unknown: must be clear, latency_ms or rules"));
    }
  }
  return plan;
}

}  // namespace logexport::sandbox
