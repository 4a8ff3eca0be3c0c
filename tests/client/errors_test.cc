#include "client/cli/errors.h"

#include <string>

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/fake_service.h"

namespace logexport::cli {
namespace {

using ::testing::HasSubstr;

class ErrorsTest : public SchemaFixture {
 protected:
  std::string Describe(const grpc::Status& status) {
    return DescribeFailure(status, Parse({"run-now"}), v1::RunNowRequest(), "logexportctl");
  }
};

TEST_F(ErrorsTest, ShowsEverythingTheServiceSaid) {
  google::rpc::ErrorInfo info;
  info.set_reason("RUN_ALREADY_ACTIVE");
  (*info.mutable_metadata())["run_id"] = "run-7";
  google::rpc::PreconditionFailure precondition;
  auto* violation = precondition.add_violations();
  violation->set_type("SKIP_NOT_ALLOWED");
  violation->set_description("needs allow_skip");
  google::rpc::QuotaFailure quota;
  quota.add_violations()->set_subject("watchers");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(65);
  google::rpc::RequestInfo request;
  request.set_request_id("log-5");
  google::rpc::Help help;
  help.add_links()->set_url("https://docs.example/run");
  const std::string text =
      Describe(FakeService::Error(grpc::StatusCode::ABORTED, "a run is active",
                                  {&info, &precondition, &quota, &retry, &request, &help}));
  EXPECT_THAT(text, HasSubstr("logexportctl: a run is active [ABORTED, RUN_ALREADY_ACTIVE]\n"));
  EXPECT_THAT(text, HasSubstr("  run_id run-7\n"));
  EXPECT_THAT(text, HasSubstr("  SKIP_NOT_ALLOWED: needs allow_skip\n"));
  EXPECT_THAT(text, HasSubstr("  watchers: \n"));
  EXPECT_THAT(text, HasSubstr("Try again in 1m 05s.\n"));
  EXPECT_THAT(text, HasSubstr("log-5"));
  EXPECT_THAT(text, HasSubstr("https://docs.example/run"));
}

TEST_F(ErrorsTest, SaysNothingTwice) {
  google::rpc::PreconditionFailure precondition;
  auto* violation = precondition.add_violations();
  violation->set_type("SKIP_NOT_ALLOWED");
  violation->set_description("logs would be skipped");
  EXPECT_EQ(Describe(FakeService::Error(grpc::StatusCode::FAILED_PRECONDITION,
                                        "logs would be skipped", {&precondition})),
            "logexportctl: logs would be skipped [FAILED_PRECONDITION]\n");
}

TEST_F(ErrorsTest, DoesWithoutDetails) {
  EXPECT_EQ(Describe({grpc::StatusCode::NOT_FOUND, "no such run"}),
            "logexportctl: no such run [NOT_FOUND]\n");
  EXPECT_EQ(Describe({grpc::StatusCode::NOT_FOUND, "no such run", "damaged \xff trailer"}),
            "logexportctl: no such run [NOT_FOUND]\n");
}

TEST_F(ErrorsTest, AsksWhetherTheServiceRunsWhenItCannotBeReached) {
  EXPECT_THAT(Describe({grpc::StatusCode::UNAVAILABLE, "connection refused"}),
              HasSubstr("Is the service running at 127.0.0.1:50051?"));
}

TEST_F(ErrorsTest, SaysHowToShowWhoCalls) {
  EXPECT_THAT(Describe({grpc::StatusCode::UNAUTHENTICATED, "no token was sent"}),
              HasSubstr("--token-file"));
}

TEST_F(ErrorsTest, MessagesCannotSteerTheTerminal) {
  EXPECT_EQ(Describe({grpc::StatusCode::INTERNAL, "\x1b[2J"}).find('\x1b'), std::string::npos);
}

TEST(StatusCodeNameTest, NamesCodesAsInTheDocumentation) {
  EXPECT_EQ(StatusCodeName(grpc::StatusCode::FAILED_PRECONDITION), "FAILED_PRECONDITION");
  EXPECT_EQ(StatusCodeName(grpc::StatusCode::OK), "OK");
}

}  // namespace
}  // namespace logexport::cli
