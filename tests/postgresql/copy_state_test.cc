// A user with a filled store on SQLite moves to PostgreSQL, by the commands of the guide.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "client/logexport/client.h"
#include "logexport/v1/service.pb.h"
#include "tests/e2e/installation.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CopyStateTest : public ::testing::Test {
 protected:
  CopyStateTest() : installation_({"--generate", "500"}) {
    WriteFile(key_file_, "key-1 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    ::chmod(key_file_.c_str(), 0600);
  }

  ProgramEnd Copy(std::vector<std::string> more = {}) {
    std::vector<std::string> flags = {"--copy-state",      "sqlite:" + installation_.state(),
                                      "--state",           url_,
                                      "--secret-key-file", key_file_};
    flags.insert(flags.end(), more.begin(), more.end());
    return RunService(flags, {});
  }
  ProgramEnd StartOnFile(std::vector<std::string> more = {}) {
    std::vector<std::string> flags = {"--run-once", "--state", "sqlite:" + installation_.state()};
    flags.insert(flags.end(), more.begin(), more.end());
    return RunService(flags, installation_.environment());
  }

  template <typename Request, typename Call>
  static std::string Answer(client::Client& client, Call call) {
    const auto answer = client.Call(call, Request());
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->DebugString() : "";
  }
  // Everything that is kept, as callers see it.
  static std::vector<std::string> Kept(client::Client& client) {
    return {Answer<v1::GetReportsRequest>(client, &Stub::GetReports),
            Answer<v1::ListCheckpointsRequest>(client, &Stub::ListCheckpoints),
            Answer<v1::ListConfigVersionsRequest>(client, &Stub::ListConfigVersions),
            Answer<v1::GetConfigRequest>(client, &Stub::GetConfig),
            Answer<v1::ListDeadLettersRequest>(client, &Stub::ListDeadLetters),
            Answer<v1::ListExportersRequest>(client, &Stub::ListExporters)};
  }

  TempDirectory directory_;
  const std::string key_file_ = directory_.File("keys");
  Installation installation_;
  const std::string url_ = PostgresqlServer::Shared().UrlOfFreshSchema();
};

TEST_F(CopyStateTest, EverythingComesAlongAndNothingIsSentTwice) {
  installation_.Start();
  EXPECT_EQ(installation_.RunNow(300).state(), v1::RUN_STATE_SUCCEEDED);
  // A secret that is encrypted in the file, under the file's own key.
  v1::UpdateConfigRequest update;
  for (const auto& [name, value] : installation_.environment()) {
    if (name == "SEGMENT_KEY") update.mutable_config()->mutable_segment()->set_write_key(value);
  }
  update.set_reason("it's \xc3\xa9");
  ASSERT_THAT(installation_.client().Call(&Stub::UpdateConfig, update), IsOk());
  v1::PauseExporterRequest pause;
  pause.set_reason("to be moved");
  ASSERT_THAT(installation_.client().Call(&Stub::PauseExporter, pause), IsOk());
  const std::vector<std::string> before = Kept(installation_.client());
  EXPECT_THAT(before[2], HasSubstr("segment.write_key"));

  // Not while it is in use.
  const ProgramEnd in_use = Copy();
  EXPECT_EQ(in_use.exit_status, 3);
  EXPECT_THAT(in_use.error_output,
              HasSubstr(absl::StrCat("pid ", installation_.service().process().pid())));
  EXPECT_EQ(installation_.Stop(), 0);

  // Nor without the key that the audit is signed with.
  const ProgramEnd unsigned_audit = Copy();
  EXPECT_EQ(unsigned_audit.exit_status, 2);
  EXPECT_THAT(unsigned_audit.error_output, HasSubstr("copy its line (audit "));
  std::string keys = ReadFile(key_file_);
  for (const absl::string_view line :
       absl::StrSplit(ReadFile(installation_.state() + ".key"), '\n')) {
    if (absl::StartsWith(line, "audit ")) absl::StrAppend(&keys, line, "\n");
  }
  WriteFile(key_file_, keys);

  const ProgramEnd copied = Copy();
  ASSERT_EQ(copied.exit_status, 0) << copied.error_output;
  EXPECT_THAT(copied.output,
              AllOf(HasSubstr("exporters            1\n"), HasSubstr("runs                 1\n"),
                    HasSubstr("config_versions      2\n"), HasSubstr("secrets              1\n"),
                    HasSubstr("copied to")));

  ASSERT_OK_AND_ASSIGN(const auto service, ServiceProcess::Start(url_, installation_.environment(),
                                                                 {"--secret-key-file", key_file_}));
  client::ConnectionOptions options;
  options.server = service->address();
  const std::unique_ptr<client::Client> client = *client::Client::Connect(options);
  const std::vector<std::string> after = Kept(*client);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(after[i], before[i]);
  const absl::StatusOr<v1::RunNowResponse> started =
      client->Call(&Stub::RunNow, v1::RunNowRequest());
  ASSERT_THAT(started, IsOk());
  const absl::StatusOr<v1::Report> report =
      client->WaitForRun("", started->run().run_id(), absl::Minutes(2));
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->state(), v1::RUN_STATE_SUCCEEDED) << report->DebugString();
  EXPECT_EQ(report->ledger().accepted(), 200);
  EXPECT_EQ(installation_.Missing(), 0);
  EXPECT_EQ(installation_.sandbox().Stat({"segment", "duplicates"}), 0);

  // The file is not gone on with by mistake, and what is in use is not copied over.
  const ProgramEnd refused = StartOnFile();
  EXPECT_EQ(refused.exit_status, 3);
  EXPECT_THAT(refused.error_output, AllOf(HasSubstr("was copied to postgresql://"),
                                          HasSubstr("--unmark-moved"), Not(HasSubstr("pid"))));
  EXPECT_EQ(Copy().exit_status, 3);
  EXPECT_EQ(StartOnFile({"--unmark-moved"}).exit_status, 0);
  const ProgramEnd again = Copy();
  EXPECT_EQ(again.exit_status, 2);
  EXPECT_THAT(again.error_output, HasSubstr("holds something already"));
  // That was no move.
  EXPECT_EQ(StartOnFile().exit_status, 0);
}

TEST_F(CopyStateTest, WhatCannotBeCopiedIsRefusedAndLeftAsItIs) {
  const ProgramEnd missing = Copy();
  EXPECT_EQ(missing.exit_status, 2);
  EXPECT_THAT(missing.error_output, HasSubstr("cannot read the file"));
  EXPECT_FALSE(std::filesystem::exists(installation_.state()));

  EXPECT_EQ(StartOnFile().exit_status, 0);
  EXPECT_EQ(RunService({"--copy-state", installation_.state(), "--state", url_}, {}).exit_status,
            2);
  EXPECT_EQ(RunService({"--copy-state", "sqlite:" + installation_.state(), "--state",
                        "sqlite:" + directory_.File("other.db"), "--secret-key-file", key_file_},
                       {})
                .exit_status,
            2);
  EXPECT_EQ(RunService({"--copy-state", "sqlite:" + installation_.state(), "--state", url_}, {})
                .exit_status,
            2);
  EXPECT_EQ(Copy({"--run-once"}).exit_status, 2);
}

}  // namespace
}  // namespace logexport
