#include "tests/client/cli_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include <grpcpp/server_builder.h>

#include "proto/descriptors.h"

namespace logexport::cli {

absl::StatusOr<std::string> FakeTerminal::Ask(absl::string_view prompt, bool secret) {
  questions.push_back(absl::StrCat(secret ? "secret " : "", prompt));
  if (answers.empty()) return absl::AbortedError("no answer: the input has ended");
  std::string answer = answers.front();
  answers.pop_front();
  return answer;
}

CliFixture::CliFixture() {
  std::string pattern = testing::TempDir() + "cli_test_XXXXXX";
  directory_ = mkdtemp(pattern.data());
  context_.version = "1.2.3";
  context_.descriptor_set = DescriptorSetBytes();
  context_.service = "logexport.v1.LogExportService";
  context_.environment = [this](const std::string& name) -> std::optional<std::string> {
    const auto found = environment_.find(name);
    if (found == environment_.end()) return std::nullopt;
    return found->second;
  };
  context_.zone = absl::UTCTimeZone();
  context_.now = [this] { return now_; };
  context_.sleep = [](absl::Duration) {};
  context_.new_request_id = [] { return std::string("request-1"); };
  context_.connect = [this](const client::ConnectionOptions& options)
      -> absl::StatusOr<std::unique_ptr<client::Connection>> {
    last_connection_ = options;
    if (server_ == nullptr) return absl::InternalError("the test serves nothing");
    return std::make_unique<client::Connection>(server_->InProcessChannel(grpc::ChannelArguments()),
                                                options.token_file);
  };
}

CliFixture::~CliFixture() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  std::filesystem::remove_all(directory_);
}

void CliFixture::Serve(grpc::Service& service) {
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  server_ = builder.BuildAndStart();
  ASSERT_NE(server_, nullptr);
}

CliResult CliFixture::Run(const std::vector<std::string>& args,
                          const std::function<void(FakeTerminal&)>& prepare) {
  FakeTerminal terminal;
  if (prepare) prepare(terminal);
  terminal_ = &terminal;
  context_.terminal = &terminal;
  CliResult result;
  result.code = RunCli(context_, args);
  result.out = terminal.out_stream.str();
  result.err = terminal.err_stream.str();
  terminal_ = nullptr;
  context_.terminal = nullptr;
  return result;
}

std::string CliFixture::WriteFile(const std::string& name, const std::string& contents) {
  std::string path = absl::StrCat(directory_, "/", name);
  std::ofstream(path, std::ios::binary) << contents;
  return path;
}

SchemaFixture::SchemaFixture() {
  auto schema = Schema::Create(context_.descriptor_set, context_.service);
  if (!schema.ok()) std::abort();
  schema_ = *std::move(schema);
}

const Command& SchemaFixture::Get(const std::string& command) const {
  const Command* found = schema_->Find(command);
  if (found == nullptr) {
    ADD_FAILURE() << "no command " << command;
    std::abort();
  }
  return *found;
}

Invocation SchemaFixture::Parse(const std::vector<std::string>& args) const {
  auto invocation = ParseCommandLine(*schema_, args, context_.environment);
  EXPECT_TRUE(invocation.ok()) << invocation.status();
  return invocation.ok() ? *std::move(invocation) : Invocation();
}

}  // namespace logexport::cli
