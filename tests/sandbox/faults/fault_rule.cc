#include "tests/sandbox/faults/fault_rule.h"

#include "absl/strings/str_cat.h"

namespace logexport::sandbox {
namespace {

constexpr std::pair<absl::string_view, FaultAction> kActions[] = {
    {"status", FaultAction::kStatus},
    {"hang", FaultAction::kHang},
    {"close", FaultAction::kClose},
    {"cut_header", FaultAction::kCutHeader},
    {"cut_body", FaultAction::kCutBody},
    {"drip", FaultAction::kDrip},
    {"wrong_length", FaultAction::kWrongLength},
    {"truncated_json", FaultAction::kTruncatedJson},
    {"html", FaultAction::kHtml},
    {"endless", FaultAction::kEndless},
    {"garbage", FaultAction::kGarbage},
    {"accept_then_close", FaultAction::kAcceptThenClose},
    {"delay", FaultAction::kDelay},
};

}  // namespace

absl::string_view FaultActionName(FaultAction action) {
  for (const auto& [name, candidate] : kActions) {
    if (candidate == action) {
      return name;
    }
  }
  return "unknown";
}

std::optional<FaultAction> FaultActionFromName(absl::string_view name) {
  for (const auto& [candidate, action] : kActions) {
    if (candidate == name) {
      return action;
    }
  }
  return std::nullopt;
}

std::string FaultActionNames() {
  std::string names;
  for (const auto& [name, action] : kActions) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  }
  return names;
}

}  // namespace logexport::sandbox
