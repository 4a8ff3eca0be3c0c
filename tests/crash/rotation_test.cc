// The keys of stored secrets are rotated while the service is killed at random moments.
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "logexport/v1/service.pb.h"
#include "tests/e2e/installation.h"
#include "tests/support/random_seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using Stub = client::Client::Stub;

constexpr int kExporters = 12;
constexpr int kVersions = 8;
constexpr int kRotations = 8;

std::string KeyLine(int number) {
  std::string key(32, '\0');
  for (std::size_t n = 0; n < key.size(); ++n) {
    key[n] = static_cast<char>(static_cast<int>(n) * 7 + number);
  }
  return absl::StrCat("key-", number, " ", absl::Base64Escape(key), "\n");
}

class RotationTest : public ::testing::Test {
 protected:
  RotationTest()
      : installation_({"--generate", "10"}), key_file_(installation_.directory() + "/keys") {
    WriteKeys({1});
    Start();
    for (int n = 0; n < kExporters; ++n) MakeExporter(absl::StrCat("e", n));
  }

  void WriteKeys(const std::vector<int>& numbers) {
    std::string text = absl::StrCat("audit log ", absl::Base64Escape(std::string(32, 'a')), "\n");
    for (const int number : numbers) text += KeyLine(number);
    // In one step, as those who rotate keys replace files.
    WriteFile(key_file_ + ".new", text);
    chmod((key_file_ + ".new").c_str(), 0600);
    ASSERT_EQ(rename((key_file_ + ".new").c_str(), key_file_.c_str()), 0);
  }
  void Start() { installation_.Start({}, {"--secret-key-file", key_file_}); }

  // With kVersions values of its secret.
  void MakeExporter(const std::string& exporter) {
    v1::CreateExporterRequest create;
    create.set_exporter(exporter);
    v1::ExporterConfig* config = create.mutable_config();
    config->mutable_schedule()->set_cron("0 0 0 1 1 *");
    config->mutable_auth0()->set_domain("acme.eu.auth0.com");
    config->mutable_auth0()->set_client_id("client");
    config->mutable_auth0()->set_client_secret(SecretOf(exporter, 1));
    config->mutable_segment()->set_write_key(absl::StrCat("write-key-of-", exporter));
    ASSERT_THAT(installation_.client().Call(&Stub::CreateExporter, create), IsOk());
    for (int version = 2; version <= kVersions; ++version) {
      v1::UpdateConfigRequest update;
      update.set_exporter(exporter);
      update.mutable_config()->mutable_auth0()->set_client_secret(SecretOf(exporter, version));
      ASSERT_THAT(installation_.client().Call(&Stub::UpdateConfig, update), IsOk());
    }
  }
  static std::string SecretOf(const std::string& exporter, int version) {
    return absl::StrCat("secret-", version, "-of-", exporter);
  }

  // Reads every version of every configuration, whose secrets the store opens for that.
  void ExpectEverySecretReadable() {
    for (int n = 0; n < kExporters; ++n) {
      for (int version = 1; version <= kVersions; ++version) {
        v1::GetConfigRequest request;
        request.set_exporter(absl::StrCat("e", n));
        request.set_version(version);
        ASSERT_THAT(installation_.client().Call(&Stub::GetConfig, request), IsOk())
            << installation_.Logs();
      }
    }
  }

  std::vector<std::string> KeysInUse() {
    std::vector<std::string> keys;
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(installation_.state().c_str(), &database), SQLITE_OK);
    const auto add = [](void* all, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(all)->push_back(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, "SELECT DISTINCT key_id FROM secrets", add, &keys, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
    return keys;
  }

  Installation installation_;
  const std::string key_file_;
};

TEST_F(RotationTest, EverySecretIsReadableUnderTheNewKeyHoweverARotationIsKilled) {
  std::mt19937_64 random(RandomSeed());
  int killed_on_the_way = 0;
  for (int rotation = 2; rotation < 2 + kRotations; ++rotation) {
    SCOPED_TRACE(rotation);
    WriteKeys({rotation, rotation - 1});
    std::atomic<bool> ended{false};
    std::thread rotating([&] {
      const auto rotated = installation_.client().Call(
          &Stub::RotateSecrets, v1::RotateSecretsRequest(), absl::Seconds(1));
      ended = rotated.ok();
    });
    absl::SleepFor(absl::Microseconds(std::uniform_int_distribution<int>(0, 40'000)(random)));
    installation_.Kill();
    rotating.join();
    if (!ended) ++killed_on_the_way;
    // With both keys there is nothing that cannot be read, at whatever moment it ended.
    Start();
    ExpectEverySecretReadable();
    EXPECT_EQ(installation_.Stop(), 0);
    EXPECT_THAT(KeysInUse(), ElementsAre(absl::StrCat("key-", rotation)));
    // And the old key is needed no more.
    WriteKeys({rotation});
    Start();
    ExpectEverySecretReadable();
  }
  std::printf("%d of %d rotations were killed on the way\n", killed_on_the_way, kRotations);
  const auto audit =
      installation_.client().Call(&Stub::VerifyAudit, v1::VerifyAuditRequest(), absl::Seconds(60));
  ASSERT_THAT(audit, IsOk());
  EXPECT_TRUE(audit->intact()) << audit->DebugString();
}

TEST_F(RotationTest, ExportsGoOnMeanwhile) {
  WriteKeys({2, 1});
  std::atomic<bool> stop{false};
  std::atomic<int> failed{0};
  std::thread running([&] {
    while (!stop) {
      if (installation_.RunNow().state() != v1::RUN_STATE_SUCCEEDED) ++failed;
    }
  });
  const auto rotated = installation_.client().Call(&Stub::RotateSecrets, v1::RotateSecretsRequest(),
                                                   absl::Seconds(60));
  stop = true;
  running.join();
  ASSERT_THAT(rotated, IsOk());
  EXPECT_GE(rotated->rotated(), kExporters * (kVersions + 1));
  EXPECT_EQ(failed, 0);
  EXPECT_THAT(KeysInUse(), ElementsAre("key-2"));
}

}  // namespace
}  // namespace logexport
