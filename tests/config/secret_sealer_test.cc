#include "service/config/secret_sealer.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "service/base/clock.h"
#include "service/config/secret_box.h"
#include "service/config/serialization.h"
#include "service/state/engines/open_store.h"
#include "service/state/sqlite/sqlite_session.h"
#include "tests/config/config_samples.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Line(const std::string& id, char filling) {
  return absl::StrCat(id, " ", absl::Base64Escape(std::string(kSecretKeyBytes, filling)), "\n");
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class SecretSealerTest : public ::testing::Test {
 protected:
  // Opens the store as the service does at start.
  absl::Status Open(const std::string& key_file = "") {
    sealer_.reset();
    store_.reset();
    keys_ = std::make_unique<SecretKeys>(key_file.empty() ? KeyFileBeside(Url()) : key_file);
    sealer_ = std::make_unique<SecretSealer>(*keys_);
    absl::StatusOr<std::unique_ptr<Store>> store =
        OpenStore({Url(), fault_, sealer_.get()}, RealClock());
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    return PrepareSecrets(*store_, *keys_, *sealer_, key_file.empty());
  }

  void Close() { store_.reset(); }

  absl::Status Create(const std::string& exporter, const v1::ExporterConfig& config) {
    return store_->Write([&](Transaction& tx) -> absl::Status {
      NewExporter fresh;
      fresh.record.id = exporter;
      fresh.config = SerializeConfig(config);
      return tx.CreateExporter(fresh, /*revive=*/false);
    });
  }

  absl::Status Update(const std::string& exporter, const v1::ExporterConfig& config) {
    return store_->Write([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<ConfigVersion> current = tx.GetConfig(exporter);
      if (!current.ok()) return current.status();
      ConfigVersion next = *current;
      next.config = SerializeConfig(config);
      return tx.AddConfigVersion(next, current->version).status();
    });
  }

  // The client secret of a version, as the service reads it; the newest for 0.
  absl::StatusOr<std::string> ClientSecret(const std::string& exporter, std::int64_t version = 0) {
    std::string secret;
    const absl::Status status = store_->Read([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<ConfigVersion> stored =
          version == 0 ? tx.GetConfig(exporter) : tx.GetConfigVersion(exporter, version);
      if (!stored.ok()) return stored.status();
      const absl::StatusOr<v1::ExporterConfig> config = ParseStoredConfig(stored->config);
      if (!config.ok()) return config.status();
      secret = config->auth0().client_secret();
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return secret;
  }

  std::vector<SealedSecret> Secrets() {
    std::vector<SealedSecret> secrets;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<std::vector<SealedSecret>> all =
          tx.SecretsUnderOtherKeys("", 1000, SealedSecret());
      if (!all.ok()) return all.status();
      secrets = *std::move(all);
      return absl::OkStatus();
    }),
                IsOk());
    return secrets;
  }

  absl::Status Replace(const SealedSecret& secret) {
    return store_->Write([&](Transaction& tx) { return tx.ReplaceSecret(secret); });
  }

  // Whether any file of the store holds the text.
  bool FilesHold(const std::string& text) {
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
      if (absl::StrContains(Content(Path() + ending), text)) return true;
    }
    return false;
  }

  std::string Path() const { return directory_.File("state.db"); }
  std::string Url() const { return "sqlite:" + Path(); }
  std::string WriteKeys(const std::string& text) {
    const std::string path = directory_.File("keys");
    std::ofstream(path) << text;
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
  }

  static v1::ExporterConfig WithSecret(const std::string& secret) {
    v1::ExporterConfig config = CompleteConfig();
    config.mutable_auth0()->set_client_secret(secret);
    config.mutable_slack()->set_webhook("env:HOOK");
    return config;
  }

  TempDirectory directory_;
  std::function<absl::Status(absl::string_view)> fault_;
  std::unique_ptr<SecretKeys> keys_;
  std::unique_ptr<SecretSealer> sealer_;
  std::unique_ptr<Store> store_;
};

TEST_F(SecretSealerTest, TheStoreHoldsNoLiteralAndEveryVersionKeepsItsSecret) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Create("acme", WithSecret("hunter2-first")), IsOk());
  ASSERT_THAT(Update("acme", WithSecret("hunter2-second")), IsOk());
  ASSERT_THAT(Update("acme", WithSecret("hunter2-first")), IsOk());  // a rollback
  EXPECT_THAT(ClientSecret("acme", 1), IsOkAndHolds("hunter2-first"));
  EXPECT_THAT(ClientSecret("acme", 2), IsOkAndHolds("hunter2-second"));
  EXPECT_THAT(ClientSecret("acme"), IsOkAndHolds("hunter2-first"));
  // Client secret twice, write key once; the rollback refers to what was there.
  EXPECT_EQ(Secrets().size(), 3u);
  EXPECT_FALSE(FilesHold("hunter2"));
  EXPECT_FALSE(FilesHold("0123456789abcdefghijklmnopqrstuv"));
  Close();
  EXPECT_FALSE(FilesHold("hunter2"));
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(ClientSecret("acme", 2), IsOkAndHolds("hunter2-second"));
}

TEST_F(SecretSealerTest, AKeyFileIsMadeBesideTheStoreForItsUserAlone) {
  ASSERT_THAT(Open(), IsOk());
  struct stat info;
  ASSERT_EQ(::stat((Path() + ".key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const std::string text = Content(Path() + ".key");
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(Content(Path() + ".key"), text);
}

TEST_F(SecretSealerTest, AMissingKeyStopsTheStartAndIsNamed) {
  ASSERT_THAT(Open(WriteKeys(Line("old", 'o'))), IsOk());
  ASSERT_THAT(Create("acme", WithSecret("hunter2")), IsOk());
  EXPECT_THAT(Open(WriteKeys(Line("new", 'n'))),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("\"old\""), HasSubstr(directory_.File("keys")))));
  // Without a file no new one is made, which would hide what is missing.
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("\"old\"")));
  EXPECT_FALSE(std::filesystem::exists(Path() + ".key"));
  EXPECT_THAT(Open(WriteKeys(Line("old", 'o'))), IsOk());
  EXPECT_THAT(ClientSecret("acme"), IsOkAndHolds("hunter2"));
}

TEST_F(SecretSealerTest, ANamedKeyFileIsNeverMadeAndMustBeItsOwnersAlone) {
  EXPECT_THAT(Open(directory_.File("keys")), StatusIs(absl::StatusCode::kNotFound));
  const std::string path = WriteKeys(Line("old", 'o'));
  std::filesystem::permissions(path, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(Open(path), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("chmod 600")));
}

TEST_F(SecretSealerTest, ANewFirstKeyTakesOverAtStart) {
  ASSERT_THAT(Open(WriteKeys(Line("old", 'o'))), IsOk());
  for (int i = 0; i < 120; ++i) {
    ASSERT_THAT(Create(absl::StrCat("e", i), WithSecret(absl::StrCat("hunter2-", i))), IsOk());
  }
  ASSERT_THAT(Open(WriteKeys(Line("new", 'n') + Line("old", 'o'))), IsOk());
  for (const SealedSecret& secret : Secrets()) EXPECT_EQ(secret.key_id, "new");
  ASSERT_THAT(Open(WriteKeys(Line("new", 'n'))), IsOk());
  for (int i = 0; i < 120; ++i) {
    EXPECT_THAT(ClientSecret(absl::StrCat("e", i)), IsOkAndHolds(absl::StrCat("hunter2-", i)));
  }
}

// Whatever operation of the store a rotation ends at, every secret stays readable with both keys,
// and the next one finishes.
TEST_F(SecretSealerTest, ARotationThatIsCutShortLosesNothing) {
  const std::string both = Line("new", 'n') + Line("old", 'o');
  ASSERT_THAT(Open(WriteKeys(Line("old", 'o'))), IsOk());
  for (int i = 0; i < 60; ++i) {
    ASSERT_THAT(Create(absl::StrCat("e", i), WithSecret(absl::StrCat("hunter2-", i))), IsOk());
  }
  bool finished = false;
  for (int stop_at = 1; !finished && stop_at < 1000; stop_at += 7) {
    int operations = 0;
    fault_ = [&](absl::string_view) {
      return ++operations >= stop_at ? absl::UnavailableError("stopped") : absl::OkStatus();
    };
    finished = Open(WriteKeys(both)).ok();
    fault_ = nullptr;
    Close();
    if (stop_at % 5 != 0) continue;
    ASSERT_THAT(Open(WriteKeys(Line("old", 'o') + Line("new", 'n'))), IsOk());
    EXPECT_THAT(ClientSecret("e0"), IsOkAndHolds("hunter2-0"));
    EXPECT_THAT(ClientSecret("e59"), IsOkAndHolds("hunter2-59"));
  }
  EXPECT_TRUE(finished);
}

TEST_F(SecretSealerTest, SwappedAndDamagedSecretsAreNoticed) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Create("acme", WithSecret("hunter2-acme")), IsOk());
  ASSERT_THAT(Create("other", WithSecret("hunter2-other")), IsOk());
  ASSERT_THAT(Update("acme", WithSecret("hunter2-acme-2")), IsOk());
  std::vector<SealedSecret> secrets;
  for (const SealedSecret& secret : Secrets()) {
    if (secret.field == "auth0.client_secret") secrets.push_back(secret);
  }
  ASSERT_EQ(secrets.size(), 3u);
  for (const SealedSecret& original : secrets) {
    for (const SealedSecret& foreign : secrets) {
      if (&foreign == &original) continue;
      SealedSecret swapped = original;
      swapped.box = foreign.box;
      ASSERT_THAT(Replace(swapped), IsOk());
      EXPECT_THAT(ClientSecret(original.exporter, original.version),
                  StatusIs(absl::StatusCode::kDataLoss,
                           AllOf(HasSubstr("auth0.client_secret"), Not(HasSubstr("hunter2")))));
    }
    SealedSecret damaged = original;
    damaged.box = "not base64";
    ASSERT_THAT(Replace(damaged), IsOk());
    EXPECT_THAT(ClientSecret(original.exporter, original.version),
                StatusIs(absl::StatusCode::kDataLoss));
    ASSERT_THAT(Replace(original), IsOk());
    EXPECT_THAT(ClientSecret(original.exporter, original.version), IsOk());
  }
}

TEST_F(SecretSealerTest, SecretsGoWithTheirExporter) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Create("acme", WithSecret("hunter2")), IsOk());
  ASSERT_THAT(store_->Write([](Transaction& tx) { return tx.DeleteExporter("acme", {}); }), IsOk());
  EXPECT_THAT(Secrets(), IsEmpty());
}

// A store as schema version 2 left it: six configurations with literals.
class OldStoreTest : public SecretSealerTest {
 protected:
  OldStoreTest() {
    std::filesystem::copy_file(SourcePath("tests/state/fixtures/schema-2.db"), Path());
    EXPECT_TRUE(FilesHold("fixture-client-secret-1"));
    LeaveLiteralsInFreePages();
  }

  // As deleting an exporter did, where SQLite does not overwrite what it deletes.
  void LeaveLiteralsInFreePages() {
    const absl::StatusOr<std::unique_ptr<SqliteSession>> session =
        SqliteSession::Open(Path(), SqliteSession::Access::kReadWrite);
    ASSERT_THAT(session, IsOk());
    const std::string literal(2000, 'x');
    ASSERT_THAT(
        (*session)->Select("PRAGMA secure_delete = OFF", {}, [](SqlRow& row) { row.SkipAll(); }),
        IsOk());
    for (int i = 0; i < 20; ++i) {
      ASSERT_THAT((*session)->Execute("INSERT INTO answers (request_id, method, requester, "
                                      "body_hash, answer, created) "
                                      "VALUES (:id, '', '', '', :answer, 0)",
                                      {absl::StrCat(i), absl::StrCat("deleted-literal", literal)}),
                  IsOk());
    }
    ASSERT_THAT((*session)->Execute("DELETE FROM answers"), IsOk());
  }

  void ExpectNoLiteral() {
    for (const char* literal :
         {"fixture-client-secret", "fixture-write-key", "fixture/webhook", "deleted-literal"}) {
      EXPECT_FALSE(FilesHold(literal)) << literal;
    }
  }

  void ExpectSecrets() {
    for (const char* exporter : {"acme", "other"}) {
      EXPECT_THAT(ClientSecret(exporter, 1), IsOkAndHolds("fixture-client-secret-1"));
      EXPECT_THAT(ClientSecret(exporter, 2), IsOkAndHolds("fixture-client-secret-2"));
      EXPECT_THAT(ClientSecret(exporter), IsOkAndHolds("fixture-client-secret-1"));
    }
  }
};

TEST_F(OldStoreTest, NothingOfItsLiteralsIsLeft) {
  ASSERT_THAT(Open(), IsOk());
  ExpectNoLiteral();
  ExpectSecrets();
  Close();
  ExpectNoLiteral();
}

// Closing is what a process that is killed does not do: each stop leaves the files as they are.
TEST_F(OldStoreTest, AMigrationThatIsCutShortIsFinishedByTheNextStart) {
  // Opened, and so migrated, but ended before the secrets were sealed.
  keys_ = std::make_unique<SecretKeys>(KeyFileBeside(Url()));
  ASSERT_THAT(keys_->Create(), IsOk());
  sealer_ = std::make_unique<SecretSealer>(*keys_);
  ASSERT_THAT(OpenStore({Url(), {}, sealer_.get()}, RealClock()), IsOk());
  EXPECT_TRUE(FilesHold("fixture-client-secret-1"));
  EXPECT_TRUE(FilesHold("deleted-literal"));
  ASSERT_THAT(Open(), IsOk());
  ExpectNoLiteral();
  ExpectSecrets();
}

}  // namespace
}  // namespace logexport
