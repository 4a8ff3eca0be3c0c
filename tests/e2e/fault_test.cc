#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::HasSubstr;
using ::testing::Not;

struct Fault {
  const char* name;
  const char* fault;  // empty: the environment alone
  ServiceProcess::Environment environment;
  v1::ErrorOrigin origin;
  const char* reason;
  const char* action;  // part of what to do
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class FaultTest : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultTest, EndsInAReportThatSaysWhereWhyAndWhatToDoAndTheNextRunCompletes) {
  const std::vector<std::string> config_wins = {"--config-wins"};
  Installation installation({"--generate", "300"});
  installation.Start();
  EXPECT_EQ(installation.RunNow(/*max_logs=*/100).ledger().accepted(), 100);
  const std::string checkpoint = installation.Status().checkpoint().log_id();

  if (!GetParam().environment.empty()) {
    EXPECT_EQ(installation.Stop(), 0);
    installation.Start(GetParam().environment, config_wins);
  }
  v1::UpdateConfigRequest update;
  update.mutable_config()->mutable_run()->mutable_max_stall()->set_seconds(1);
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
  if (*GetParam().fault != '\0') installation.SetFault(GetParam().fault);
  const v1::Report report = installation.RunNow();
  EXPECT_EQ(report.state(), v1::RUN_STATE_FAILED);
  EXPECT_EQ(report.error().origin(), GetParam().origin);
  EXPECT_EQ(report.error().reason(), GetParam().reason) << report.DebugString();
  EXPECT_FALSE(report.error().message().empty());
  EXPECT_THAT(report.error().message(), Not(HasSubstr(" in 0)")));
  EXPECT_FALSE(report.error().action().empty());
  EXPECT_THAT(report.error().action(), HasSubstr(GetParam().action)) << report.DebugString();
  EXPECT_EQ(report.ledger().accepted(), 0);
  EXPECT_EQ(report.checkpoint_after(), checkpoint);
  EXPECT_EQ(installation.Status().checkpoint().log_id(), checkpoint);
  EXPECT_THAT(installation.Logs(), HasSubstr(report.error().reason()));

  installation.ClearFaults();
  if (!GetParam().environment.empty()) {
    EXPECT_EQ(installation.Stop(), 0);
    installation.Start({}, config_wins);
  }
  const v1::Report next = installation.RunNow();
  EXPECT_EQ(next.state(), v1::RUN_STATE_SUCCEEDED) << next.DebugString();
  EXPECT_EQ(next.ledger().accepted(), 200);
  EXPECT_EQ(installation.Missing(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, FaultTest,
    ::testing::Values(Fault{"WrongSecret",
                            "",
                            {{"AUTH0_CLIENT_SECRET", "not-the-secret"}},
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_CREDENTIALS_REJECTED",
                            "AUTH0_CLIENT_SECRET"},
                      Fault{"MissingScope",
                            R"({"endpoint":"logs","action":"status","status":403})",
                            {},
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_FORBIDDEN",
                            "read:logs"},
                      Fault{"UnreachableHost",
                            "",
                            {{"AUTH0_BASE_URL", "http://127.0.0.1:1"}},
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_UNAVAILABLE",
                            ""},
                      Fault{"Html",
                            R"({"endpoint":"logs","action":"html"})",
                            {},
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_UNEXPECTED_RESPONSE",
                            ""},
                      Fault{"HtmlForToken",
                            R"({"endpoint":"token","action":"html"})",
                            {{"LOG_TYPES", ""}},  // a process that has no token yet
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_UNEXPECTED_RESPONSE",
                            ""},
                      Fault{"TruncatedPage",
                            R"({"endpoint":"logs","action":"truncated_json"})",
                            {},
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_UNEXPECTED_RESPONSE",
                            ""},
                      Fault{"CutBody",
                            R"({"endpoint":"logs","action":"cut_body"})",
                            {},
                            v1::ERROR_ORIGIN_AUTH0,
                            "AUTH0_UNAVAILABLE",
                            ""},
                      Fault{"SegmentDown",
                            R"({"endpoint":"segment","action":"status","status":503})",
                            {},
                            v1::ERROR_ORIGIN_SEGMENT,
                            "SEGMENT_UNAVAILABLE",
                            ""},
                      Fault{"SegmentHtml",
                            R"({"endpoint":"segment","action":"html"})",
                            {},
                            v1::ERROR_ORIGIN_SEGMENT,
                            "UNEXPECTED_RESPONSE",
                            ""},
                      Fault{"SegmentGone",
                            R"({"endpoint":"segment","action":"close"})",
                            {},
                            v1::ERROR_ORIGIN_SEGMENT,
                            "SEGMENT_UNAVAILABLE",
                            ""}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace logexport
