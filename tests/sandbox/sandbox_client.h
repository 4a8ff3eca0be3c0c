#ifndef LOGEXPORT_TESTS_SANDBOX_SANDBOX_CLIENT_H_
#define LOGEXPORT_TESTS_SANDBOX_SANDBOX_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/json/json_value.h"
#include "tests/sandbox/sandbox.h"
#include "tests/support/http_client.h"

namespace logexport::sandbox {

// What the tests of the sandbox do over and over. Failures end up as gtest failures.

std::unique_ptr<Sandbox> StartSandbox(SandboxOptions options = {});
SandboxOptions WithLogs(std::size_t count);

JsonValue ParseJson(const std::string& json);

std::string TokenRequest(const Auth0Options& options);
// A new access token, ready for use as headers.
HttpHeaders Authorize(const Sandbox& sandbox);
HttpReply GetApi(const Sandbox& sandbox, const std::string& target, const HttpHeaders& headers);
// The ids in a page of logs, in its order.
std::vector<std::string> IdsIn(const std::string& page);

// A batch of `events` with the key in its body.
std::string Batch(const std::vector<std::string>& events);
// A track call that breaks no rule.
std::string GoodEvent(const std::string& log_id);
HttpReply PostBatch(const Sandbox& sandbox, const std::string& body,
                    const HttpHeaders& headers = {});

// Sends bytes over one connection and returns all that comes back until the server closes it, or
// the limit passes (`*closed` tells which).
std::string RawExchange(int port, absl::string_view bytes, bool* closed,
                        absl::Duration limit = absl::Seconds(20));

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SANDBOX_CLIENT_H_
