#include "client/cli/doctor.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "client/cli/errors.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/fake_service.h"

namespace logexport::cli {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class DoctorTest : public CliFixture {
 protected:
  DoctorTest() {
    Serve(service_);
    context_.diagnose = [this](const client::ConnectionOptions&) { return diagnosis_; };
    diagnosis_.finding = client::Diagnosis::Finding::kSpeaksPlaintext;
    service_.caller_response.mutable_caller()->set_name("alice");
    service_.caller_response.mutable_caller()->set_verified(true);
    service_.caller_response.set_role(v1::ROLE_ADMIN);
    service_.caller_response.set_service_version("1.2.3");
    service_.caller_response.mutable_service_time()->set_seconds(absl::ToUnixSeconds(now_));
    SetVerdict(v1::HEALTH_WELL, "all is well", "");
    AddProbe("auth0.token", v1::PROBE_STATE_PASSED, "Auth0 gives a token");
    AddProbe("segment.reachable", v1::PROBE_STATE_WARNING, "the endpoint answers");
  }

  void SetVerdict(v1::Health health, const std::string& summary, const std::string& action) {
    v1::Verdict& verdict = *service_.status_response.mutable_verdict();
    verdict.set_health(health);
    verdict.set_summary(summary);
    verdict.set_action(action);
  }
  void AddProbe(const std::string& name, v1::ProbeState state, const std::string& message) {
    v1::Probe* probe = service_.probe_response.add_probes();
    probe->set_name(name);
    probe->set_state(state);
    probe->set_message(message);
  }

  FakeService service_;
  client::Diagnosis diagnosis_;
};

TEST_F(DoctorTest, ChecksEverythingUpToTheSettings) {
  const CliResult result = Run({"doctor"});
  EXPECT_EQ(result.code, kExitOk) << result.out << result.err;
  for (const char* line :
       {"address +passed +127.0.0.1:50051, on this machine",
        "connection +passed +made, without TLS", "version +passed +service and program are 1.2.3",
        "clock +passed", "identity +passed +alice, verified, role admin",
        "status +passed +WELL: all is well", "auth0.token +passed +Auth0 gives a token",
        "segment.reachable +warning"}) {
    EXPECT_THAT(result.out, ContainsRegex(line));
  }
  EXPECT_FALSE(service_.last_probe().notify());
}

TEST_F(DoctorTest, PostsToSlackOnlyWhenAskedTo) {
  Run({"doctor", "--notify", "--exporter", "two"});
  EXPECT_TRUE(service_.last_probe().notify());
  EXPECT_EQ(service_.last_probe().exporter(), "two");
}

TEST_F(DoctorTest, StopsWhereTheWayEnds) {
  diagnosis_ = {client::Diagnosis::Finding::kRefused, "Nothing listens there."};
  const CliResult unreachable = Run({"doctor"});
  EXPECT_EQ(unreachable.code, kExitFailing);
  EXPECT_THAT(unreachable.out, ContainsRegex("connection +failed +Nothing listens there."));
  EXPECT_THAT(unreachable.out, Not(HasSubstr("identity")));

  const CliResult misspelt = Run({"doctor", "--server", "http://localhost:50051"});
  EXPECT_EQ(misspelt.code, kExitFailing);
  EXPECT_THAT(misspelt.out, ContainsRegex("address +failed .*without http://"));
}

TEST_F(DoctorTest, SaysWhoIsNotLetIn) {
  service_.FailNext({grpc::StatusCode::UNAUTHENTICATED, "no token was sent"});
  const CliResult result = Run({"doctor"});
  EXPECT_EQ(result.code, kExitFailing);
  EXPECT_THAT(result.out, ContainsRegex("identity +failed +no token was sent .*--token-file"));
}

TEST_F(DoctorTest, AViewerIsNotAnsweredBySilence) {
  service_.caller_response.set_role(v1::ROLE_VIEWER);
  const CliResult result = Run({"doctor"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.out, ContainsRegex("settings +skipped +.*role operator"));
  EXPECT_THAT(service_.calls(), Not(::testing::Contains("ProbeExporter")));
}

TEST_F(DoctorTest, TellsAttentionFromFailure) {
  service_.caller_response.set_service_version("1.2.2");
  EXPECT_EQ(Run({"doctor"}).code, kExitAttention);
  service_.caller_response.set_service_version("1.2.3");
  service_.caller_response.mutable_service_time()->set_seconds(absl::ToUnixSeconds(now_) + 60);
  const CliResult ahead = Run({"doctor"});
  EXPECT_EQ(ahead.code, kExitAttention);
  EXPECT_THAT(ahead.out, HasSubstr("1m 00s ahead of this machine's"));
  SetVerdict(v1::HEALTH_FAILING, "the last run failed", "set the secret");
  EXPECT_EQ(Run({"doctor"}).code, kExitFailing);
  SetVerdict(v1::HEALTH_WELL, "all is well", "");
  AddProbe("slack", v1::PROBE_STATE_FAILED, "404");
  EXPECT_EQ(Run({"doctor"}).code, kExitFailing);
}

TEST_F(DoctorTest, SpeaksJsonToPrograms) {
  const CliResult result = Run({"doctor", "-o", "json"});
  EXPECT_EQ(YAML::Load(result.out)["probes"][0]["name"].as<std::string>(), "address");
}

TEST_F(DoctorTest, AnOldServiceIsNamedAsSuch) {
  service_.FailNext({grpc::StatusCode::UNIMPLEMENTED, ""});
  const CliResult result = Run({"doctor"});
  EXPECT_EQ(result.code, kExitAttention);
  EXPECT_THAT(result.out, ContainsRegex("version +warning +the service is older"));
}

}  // namespace
}  // namespace logexport::cli
