#include "tests/attack/attacked_service.h"

#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "service/base/hash.h"
#include "tests/support/temp_directory.h"

namespace logexport {

std::string TokenFileLine(const std::string& name, const std::string& role,
                          const std::string& token) {
  return absl::StrCat(name, " ", role, " ", Sha256Hex(token), "\n");
}

AttackedService::AttackedService(Options options)
    : installation_(options.sandbox_flags), token_file_(installation_.directory() + "/tokens") {
  if (options.tokens) {
    WriteFile(token_file_, TokenFileLine("vera", "viewer", "viewer-token") +
                               TokenFileLine("oscar", "operator", "operator-token") +
                               TokenFileLine("ada", "admin", "admin-token"));
    chmod(token_file_.c_str(), 0600);
    options.flags.insert(options.flags.end(), {"--auth-token-file", token_file_});
  }
  installation_.Start({}, options.flags);
}

std::unique_ptr<client::Client> AttackedService::ClientWith(const std::string& token) {
  client::ConnectionOptions options;
  options.server = address();
  options.token_file = absl::StrCat(installation_.directory(), "/", token);
  WriteFile(options.token_file, token);
  absl::StatusOr<std::unique_ptr<client::Client>> made = client::Client::Connect(options);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *std::move(made) : nullptr;
}

absl::Status AttackedService::Read() {
  return ClientWith("viewer-token")
      ->Call(&client::Client::Stub::GetStatus, v1::GetStatusRequest())
      .status();
}

void AttackedService::ForgetMost() {
  std::ofstream(absl::StrCat("/proc/", installation_.service().process().pid(), "/clear_refs"))
      << "5";
}

std::int64_t AttackedService::Memory(const std::string& name) const {
  std::ifstream status(absl::StrCat("/proc/", installation_.service().process().pid(), "/status"));
  std::string line;
  while (std::getline(status, line)) {
    absl::string_view rest = line;
    std::int64_t kilobytes = 0;
    if (absl::ConsumePrefix(&rest, name) && absl::ConsumeSuffix(&rest, " kB") &&
        absl::SimpleAtoi(rest, &kilobytes)) {
      return kilobytes * 1024;
    }
  }
  ADD_FAILURE() << "/proc does not tell " << name;
  return 0;
}

}  // namespace logexport
