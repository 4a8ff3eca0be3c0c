#ifndef LOGEXPORT_TESTS_SUPPORT_SANDBOX_PROCESS_H_
#define LOGEXPORT_TESTS_SUPPORT_SANDBOX_PROCESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "service/json/json_value.h"
#include "tests/support/subprocess.h"

namespace logexport {

// The logexport-sandbox program on a free port, for tests that run programs against it. (Tests
// inside one process take sandbox::Sandbox.) What it can be asked and told under /_sandbox/ is in
// tests/sandbox/admin.h. Stopped by the destructor.
class SandboxProcess {
 public:
  // Waits until it serves. `flags` are those of `logexport-sandbox --help`. A test program that
  // uses this names logexport-sandbox in the DATA_DEPS of its logexport_test().
  static absl::StatusOr<std::unique_ptr<SandboxProcess>> Start(
      const std::vector<std::string>& flags = {});

  const std::string& url() const { return url_; }
  // What it was given, or the sandbox's defaults.
  std::string slack_webhook() const { return url_ + "/slack/services/T00/B00/sandboxSlackSecret"; }
  // AUTH0_…, SEGMENT_… and SLACK_… as logexportd takes them.
  std::vector<std::pair<std::string, std::string>> Environment() const;

  // GET /_sandbox/<what>, and POST, as text. An error if the answer is not 200; it tells what the
  // sandbox said.
  absl::StatusOr<std::string> Get(const std::string& what) const;
  absl::StatusOr<std::string> Post(const std::string& what, const std::string& body = "") const;
  // The same, read as JSON.
  absl::StatusOr<JsonValue> GetJson(const std::string& what) const;

  // One number of the stats, by its path: Stat({"segment", "duplicates"}). -1 if it has no such
  // number or does not answer.
  std::int64_t Stat(const std::vector<std::string>& path) const;

  Subprocess& process() { return *process_; }

 private:
  SandboxProcess() = default;

  std::unique_ptr<Subprocess> process_;
  std::string url_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_SANDBOX_PROCESS_H_
