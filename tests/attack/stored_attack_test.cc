// What somebody who can write the state file, and has not its keys, may try.
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/attack/state_edits.h"
#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Stub = client::Client::Stub;

class StoredAttackTest : public ::testing::Test {
 protected:
  // A service that has been used, and is stopped.
  StoredAttackTest() : installation_({"--generate", "10"}) {
    installation_.Start();
    for (const char* exporter : {"first", "second"}) {
      v1::CreateExporterRequest create;
      create.set_exporter(exporter);
      v1::ExporterConfig* config = create.mutable_config();
      config->mutable_schedule()->set_cron("0 0 0 1 1 *");
      config->mutable_auth0()->set_domain("acme.eu.auth0.com");
      config->mutable_auth0()->set_client_id("client");
      config->mutable_auth0()->set_client_secret(absl::StrCat("client-secret-of-", exporter));
      config->mutable_segment()->set_write_key(absl::StrCat("write-key-of-", exporter));
      EXPECT_THAT(installation_.client().Call(&Stub::CreateExporter, create), IsOk());
    }
    for (const char* reason : {"one", "two", "three"}) {
      v1::PauseExporterRequest pause;
      pause.set_exporter("first");
      pause.set_reason(reason);
      EXPECT_THAT(installation_.client().Call(&Stub::PauseExporter, pause), IsOk());
      v1::ResumeExporterRequest resume;
      resume.set_exporter("first");
      EXPECT_THAT(installation_.client().Call(&Stub::ResumeExporter, resume), IsOk());
    }
    const auto verified = Verify();
    EXPECT_TRUE(verified.intact()) << verified.DebugString();
    anchor_ = verified.anchor();
    EXPECT_EQ(installation_.Stop(), 0);
    good_ = ReadFile(installation_.state());
  }

  v1::VerifyAuditResponse Verify(const std::string& anchor = "") {
    v1::VerifyAuditRequest request;
    request.set_anchor(anchor);
    const auto answer = installation_.client().Call(&Stub::VerifyAudit, request);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? *answer : v1::VerifyAuditResponse();
  }

  // Puts the state back to what the service left, and does this to it.
  void Attack(const std::string& sql) {
    for (const char* ending : {"-wal", "-shm"}) {
      std::filesystem::remove(installation_.state() + ending);
    }
    WriteFile(installation_.state(), good_);
    EditState(installation_.state(), sql);
  }

  Installation installation_;
  std::string good_;
  std::string anchor_;
};

TEST_F(StoredAttackTest, BoxesThatWereMovedFlippedOrCutAreNotOpened) {
  const auto box_of = [&](const std::string& exporter, const std::string& field) {
    const std::vector<std::string> boxes =
        ReadState(installation_.state(), absl::StrCat("SELECT box FROM secrets WHERE exporter = '",
                                                      exporter, "' AND field = '", field, "'"));
    EXPECT_THAT(boxes, SizeIs(1));
    return boxes.empty() ? "" : boxes[0];
  };
  const std::string own = box_of("first", "auth0.client_secret");
  const std::string of_another = box_of("second", "auth0.client_secret");
  const std::string of_another_field = box_of("first", "segment.write_key");
  std::string flipped = own;
  const std::size_t middle = flipped.size() / 2;
  flipped[middle] = flipped[middle] == 'A' ? 'B' : 'A';
  const struct {
    const char* what;
    std::string box;
  } attacks[] = {{"another exporter's", of_another},
                 {"another setting's", of_another_field},
                 {"flipped", flipped},
                 {"cut", own.substr(0, own.size() - 8)},
                 {"emptied", ""},
                 {"no base64", "???"}};
  for (const auto& attack : attacks) {
    Attack(absl::StrCat("UPDATE secrets SET box = '", attack.box,
                        "' WHERE exporter = 'first' AND field = 'auth0.client_secret'"));
    const ProgramEnd end =
        RunService({"--state", "sqlite:" + installation_.state(), "--listen", "127.0.0.1:0"},
                   installation_.environment());
    EXPECT_NE(end.exit_status, 0) << attack.what;
    EXPECT_THAT(end.error_output, HasSubstr("exporter first: auth0.client_secret")) << attack.what;
  }
}

TEST_F(StoredAttackTest, EntriesOfTheAuditThatWereChangedMovedOrRemovedAreFound) {
  const struct {
    const char* what;
    const char* sql;
  } attacks[] = {
      {"another reason", "UPDATE audit SET reason = 'forged' WHERE sequence = 4"},
      {"another caller", "UPDATE audit SET caller = 'somebody' WHERE sequence = 4"},
      {"another outcome", "UPDATE audit SET outcome = 'REFUSED' WHERE sequence = 4"},
      {"another time", "UPDATE audit SET recorded = recorded + 1 WHERE sequence = 4"},
      {"other changes", "UPDATE audit SET changes = '[]' WHERE sequence = 4"},
      {"changes that are no JSON", "UPDATE audit SET changes = '[[' WHERE sequence = 4"},
      {"a hash without the key",
       "UPDATE audit SET reason = 'x', hash = lower(hex(randomblob(32))) WHERE sequence = 4; "
       "UPDATE audit SET previous_hash = (SELECT hash FROM audit WHERE sequence = 4) "
       "WHERE sequence = 5"},
      {"another key", "UPDATE audit SET key_id = '' WHERE sequence = 4"},
      {"one removed", "DELETE FROM audit WHERE sequence = 4"},
      {"one removed, the rest numbered anew",
       "DELETE FROM audit WHERE sequence = 4; "
       "UPDATE audit SET sequence = -(sequence - 1) WHERE sequence > 4; "
       "UPDATE audit SET sequence = -sequence WHERE sequence < 0; "
       "UPDATE audit_head SET sequence = sequence - 1"},
      {"two swapped",
       "UPDATE audit SET sequence = -4 WHERE sequence = 4; "
       "UPDATE audit SET sequence = 4 WHERE sequence = 5; "
       "UPDATE audit SET sequence = 5 WHERE sequence = -4"},
      {"the beginning removed", "DELETE FROM audit WHERE sequence <= 3"},
      {"everything removed", "DELETE FROM audit"},
  };
  for (const auto& attack : attacks) {
    Attack(attack.sql);
    installation_.Start();
    const v1::VerifyAuditResponse found = Verify();
    EXPECT_FALSE(found.intact()) << attack.what;
    EXPECT_GE(found.problems_size(), 1) << attack.what;
    installation_.Stop();
  }
}

// With the head set back nothing in the file shows it: that is what the anchor outside is for.
TEST_F(StoredAttackTest, AnEndThatWasCutOffIsFoundByTheAnchor) {
  const std::string cut =
      "DELETE FROM audit WHERE sequence > 4; "
      "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit WHERE sequence = 4)";
  Attack(cut);
  installation_.Start();
  EXPECT_TRUE(Verify().intact());
  EXPECT_FALSE(Verify(anchor_).intact());
  // Also when others were written since.
  for (int n = 0; n < 10; ++n) {
    v1::PauseExporterRequest pause;
    pause.set_exporter("first");
    EXPECT_THAT(installation_.client().Call(&Stub::PauseExporter, pause), IsOk());
  }
  EXPECT_TRUE(Verify().intact());
  EXPECT_FALSE(Verify(anchor_).intact());
  EXPECT_THAT(installation_.Logs(), HasSubstr(absl::StrCat("anchor=", anchor_)))
      << "the log has the anchor";
}

}  // namespace
}  // namespace logexport
