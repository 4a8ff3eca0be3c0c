#include "tests/sandbox/segment/segment_rules.h"

namespace logexport::sandbox {
namespace {

struct Rule {
  absl::string_view name;
  bool loses_the_event;
};

constexpr std::array<Rule, kViolations> kRules = {{
    {"malformed_batch", true},
    {"batch_too_large", true},
    {"missing_write_key", true},
    {"event_too_large", true},
    {"wrong_write_key", true},
    {"empty_batch", true},
    {"too_many_events", true},
    {"event_not_an_object", true},
    {"unknown_type", true},
    {"no_identity", true},
    {"id_not_a_string", true},
    {"id_empty", true},
    {"event_name_missing", true},
    {"properties_not_an_object", true},
    {"traits_not_an_object", true},
    {"context_not_an_object", true},
    {"integrations_not_an_object", true},
    {"message_id_invalid", false},
    {"timestamp_invalid", false},
    {"reserved_type", false},
    {"context_field_type", false},
    {"too_many_properties", false},
}};

}  // namespace

absl::string_view ViolationName(Violation violation) {
  return kRules[static_cast<std::size_t>(violation)].name;
}

bool LosesTheEvent(Violation violation) {
  return kRules[static_cast<std::size_t>(violation)].loses_the_event;
}

bool ViolationSet::LosesTheEvent() const {
  for (std::size_t i = 0; i < kViolations; ++i) {
    if (kRules[i].loses_the_event && Contains(static_cast<Violation>(i))) {
      return true;
    }
  }
  return false;
}

}  // namespace logexport::sandbox
