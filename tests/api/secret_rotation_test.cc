// Rotating the keys of stored secrets over the API.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/hash.h"
#include "tests/api/audited_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class SecretRotationTest : public AuditedServer {};

TEST_F(SecretRotationTest, SecretsAreRotatedWhileTheServiceRuns) {
  const std::string key_file = server_->directory().File("state.db.key");
  const auto before = Get<v1::RotateSecretsResponse>("RotateSecrets", "validate_only: true");
  ASSERT_GT(before.secrets(), 0);
  EXPECT_EQ(before.rotated(), 0);
  const std::string old_file = ReadFile(key_file);
  const std::string fresh = absl::StrCat("new ", absl::Base64Escape(std::string(32, 'n')), "\n");

  // Without the old key nothing is changed, and the keys read before stay in use.
  WriteFile(key_file, fresh);
  const ApiReply refused = Call("admin", "RotateSecrets");
  EXPECT_EQ(refused.reason, "KEY_FILE_UNUSABLE");
  EXPECT_EQ(refused.metadata.at("key_id"), before.key_id());
  WriteFile(key_file, "rubbish\n");
  EXPECT_EQ(Call("admin", "RotateSecrets").reason, "KEY_FILE_UNUSABLE");
  EXPECT_TRUE(Call("admin", "GetConfig").ok());

  WriteFile(key_file, fresh + old_file);
  const auto planned = Get<v1::RotateSecretsResponse>("RotateSecrets", "validate_only: true");
  EXPECT_EQ(planned.rotated(), before.secrets());
  const auto done = Get<v1::RotateSecretsResponse>(
      "RotateSecrets", "reason: 'yearly' request_id: '22222222-0000-0000-0000-000000000001'");
  EXPECT_EQ(done.key_id(), "new");
  EXPECT_EQ(done.rotated(), before.secrets());
  EXPECT_EQ(done.keys(0).secrets(), before.secrets());
  EXPECT_THAT(done.unneeded_keys(), ElementsAre(before.key_id()));
  const v1::AuditEntry entry = Newest();
  EXPECT_EQ(entry.method(), "RotateSecrets");
  EXPECT_EQ(entry.reason(), "yearly");
  EXPECT_THAT(Changes(entry), Contains(absl::StrCat("key: ", before.key_id(), " > new")));
  // The same request again does nothing and gets the same answer.
  const auto again = Get<v1::RotateSecretsResponse>(
      "RotateSecrets", "reason: 'yearly' request_id: '22222222-0000-0000-0000-000000000001'");
  EXPECT_EQ(again.rotated(), before.secrets());

  // The old key may go; its entries of the audit have their own.
  std::string without = old_file;
  without.erase(0, without.find('\n') + 1);
  WriteFile(key_file, fresh + without);
  EXPECT_EQ(Get<v1::RotateSecretsResponse>("RotateSecrets").rotated(), 0);
  server_->Restart();
  const ApiReply run = Call("admin", "RunNow");
  ASSERT_TRUE(run.ok()) << run;
  const ApiReply watched = server_->Call("WatchRun", "", {.token = "admin-token"});
  EXPECT_EQ(watched.Last<v1::WatchRunResponse>().report().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_TRUE(Get<v1::VerifyAuditResponse>("VerifyAudit").intact());
}

}  // namespace
}  // namespace logexport
