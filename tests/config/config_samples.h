#ifndef LOGEXPORT_TESTS_CONFIG_CONFIG_SAMPLES_H_
#define LOGEXPORT_TESTS_CONFIG_CONFIG_SAMPLES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "logexport/v1/config.pb.h"
#include "service/config/secret_source.h"
#include "service/config/violation.h"

namespace logexport {

// A configuration in protobuf's text format. Fails the test when malformed.
inline v1::ExporterConfig Config(const std::string& text) {
  v1::ExporterConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

// The least that makes up an exporter, without anything to warn about.
inline v1::ExporterConfig CompleteConfig() {
  return Config(R"pb(
    auth0 { domain: "acme.eu.auth0.com" client_id: "client" client_secret: "s3cret" }
    segment { write_key: "0123456789abcdefghijklmnopqrstuv" endpoint: "EU" }
  )pb");
}

inline EnvironmentLookup Environment(std::map<std::string, std::string> variables) {
  return [variables](absl::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline std::vector<std::string> Texts(const std::vector<ConfigViolation>& violations) {
  std::vector<std::string> texts;
  for (const ConfigViolation& violation : violations) texts.push_back(ToText(violation));
  return texts;
}

inline std::vector<std::string> Fields(const std::vector<ConfigViolation>& violations) {
  std::vector<std::string> fields;
  for (const ConfigViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

MATCHER_P(EqualsConfig, expected, "is the configuration\n" + expected.DebugString()) {
  *result_listener << "which is\n" << arg.DebugString();
  return arg.SerializeAsString() == expected.SerializeAsString();
}

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CONFIG_CONFIG_SAMPLES_H_
