#include "service/telemetry/otlp/otlp_options.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

absl::StatusOr<std::optional<OtlpOptions>> Read(std::map<std::string, std::string> variables) {
  return ReadOtlpOptions([&](absl::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

OtlpOptions Need(std::map<std::string, std::string> variables) {
  const auto options = Read(std::move(variables));
  EXPECT_THAT(options, IsOk());
  return options.ok() && options->has_value() ? **options : OtlpOptions();
}

TEST(OtlpOptionsTest, WithoutAnEndpointNothingIsSent) {
  EXPECT_FALSE((*Read({})).has_value());
  EXPECT_FALSE((*Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", " "}})).has_value());
  EXPECT_FALSE((*Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"}, {"OTEL_SDK_DISABLED", "TRUE"}}))
                   .has_value());
  EXPECT_FALSE(
      (*Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"}, {"OTEL_TRACES_EXPORTER", "none"}}))
          .has_value());
}

TEST(OtlpOptionsTest, UsersKnowTheVariables) {
  OtlpOptions options = Need({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example/"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "Api-Key=a%20b, x=1=2"},
                              {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2500"},
                              {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
                              {"OTEL_RESOURCE_ATTRIBUTES", "service.name=x,deployment=prod"},
                              {"OTEL_SERVICE_NAME", "exporter"},
                              {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                              {"OTEL_TRACES_SAMPLER_ARG", "0.25"},
                              {"OTEL_BSP_MAX_QUEUE_SIZE", "100"}});
  EXPECT_EQ(options.target, "collector.example:4317");
  EXPECT_TRUE(options.tls);
  EXPECT_THAT(options.headers, ElementsAre(Pair("api-key", "a b"), Pair("x", "1=2")));
  EXPECT_EQ(options.timeout, absl::Milliseconds(2500));
  EXPECT_EQ(options.ca_file, "/ca.pem");
  EXPECT_THAT(options.resource,
              ElementsAre(Pair("deployment", "prod"), Pair("service.name", "exporter")));
  EXPECT_EQ(options.ratio, 0.25);
  EXPECT_TRUE(options.parent_decides);
  EXPECT_EQ(options.queue_size, 100U);
  EXPECT_EQ(options.batch_size, 100U);

  options = Need({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://other"},
                  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "127.0.0.1:1234"},
                  {"OTEL_TRACES_SAMPLER", "always_off"}});
  EXPECT_EQ(options.target, "127.0.0.1:1234");
  EXPECT_FALSE(options.tls);
  EXPECT_EQ(options.ratio, 0);
  EXPECT_FALSE(options.parent_decides);
  EXPECT_THAT(options.resource, Contains(Pair("service.name", "logexportd")));
}

TEST(OtlpOptionsTest, WhatCannotBeUsedIsNamed) {
  const struct {
    const char* name;
    const char* value;
  } kCases[] = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://h"},
                {"OTEL_EXPORTER_OTLP_ENDPOINT", "http:///v1"},
                {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:pw@h"},
                {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                {"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"},
                {"OTEL_EXPORTER_OTLP_HEADERS", "novalue"},
                {"OTEL_RESOURCE_ATTRIBUTES", "=x"},
                {"OTEL_TRACES_SAMPLER", "sometimes"},
                {"OTEL_BSP_MAX_QUEUE_SIZE", "0"}};
  for (const auto& test : kCases) {
    std::map<std::string, std::string> variables = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"}};
    variables[test.name] = test.value;
    const auto options = Read(variables);
    EXPECT_THAT(options, StatusIs(absl::StatusCode::kInvalidArgument)) << test.value;
    EXPECT_THAT(std::string(options.status().message()), HasSubstr(test.name)) << test.value;
  }
  EXPECT_THAT(Read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"},
                    {"OTEL_TRACES_SAMPLER", "traceidratio"},
                    {"OTEL_TRACES_SAMPLER_ARG", "nan"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace logexport
