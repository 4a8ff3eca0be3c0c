#ifndef LOGEXPORT_TESTS_API_AUDITED_SERVER_H_
#define LOGEXPORT_TESTS_API_AUDITED_SERVER_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/hash.h"
#include "tests/api/api_server.h"

namespace logexport {

// A server whose store takes no entry of the audit while `broken`, which must outlive it.
inline ApiServerOptions AuditBreaksWhile(const std::atomic<bool>& broken) {
  ApiServerOptions options;
  options.store_fault = [&broken](absl::string_view operation) -> absl::Status {
    if (broken && operation == "AddAudit") return absl::UnavailableError("no room");
    return absl::OkStatus();
  };
  return options;
}

// A fixture: the service with a token for each role ("viewer-token" and so on), and a look at what
// its audit has on record.
class AuditedServer : public ::testing::Test {
 protected:
  AuditedServer() {
    WriteFile(file_, TokenFor("vera", "viewer") + TokenFor("oscar", "operator") +
                         TokenFor("ada", "admin"));
    ApiServerOptions options;
    options.security.auth_token_file = file_;
    server_ = std::make_unique<ApiServer>(options);
  }

  ApiReply Call(const std::string& role, const std::string& method, const std::string& text = "") {
    return server_->Call(method, text, {.token = absl::StrCat(role, "-token")});
  }
  template <typename Response>
  Response Get(const std::string& method, const std::string& text = "") {
    const ApiReply reply = Call("admin", method, text);
    EXPECT_TRUE(reply.ok()) << method << " {" << text << "}: " << reply;
    return reply.As<Response>();
  }
  // The newest entry.
  v1::AuditEntry Newest() {
    const auto answer = Get<v1::ListAuditResponse>("ListAudit", "page_size: 1");
    EXPECT_EQ(answer.entries_size(), 1);
    return answer.entries_size() == 1 ? answer.entries(0) : v1::AuditEntry();
  }
  static std::vector<std::string> Changes(const v1::AuditEntry& entry) {
    std::vector<std::string> changes;
    for (const v1::FieldChange& change : entry.changes()) {
      changes.push_back(
          absl::StrCat(change.field(), ": ", change.old_value(), " > ", change.new_value()));
    }
    return changes;
  }

  TempDirectory directory_;
  const std::string file_ = directory_.File("tokens");
  std::unique_ptr<ApiServer> server_;

 private:
  static std::string TokenFor(const std::string& name, const std::string& role) {
    return absl::StrCat(name, " ", role, " ", Sha256Hex(absl::StrCat(role, "-token")), "\n");
  }
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_API_AUDITED_SERVER_H_
